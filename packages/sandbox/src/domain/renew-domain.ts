// Renews a name of the agent's own: for more years after its expiry, also after that within the grace.

import { micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { DOMAIN_YEARS_MAX } from "@holdfast/purpleflea/wire";
import { domainAnswer, domainFacts, isoOf } from "./answer.ts";
import type { DomainCommand } from "./command.ts";
import { readName } from "./name.ts";
import { arm, cannotPay, pay } from "./pay.ts";
import { type Registration, addYears } from "./registration.ts";
import { priceOf } from "./terms.ts";

type Renew = Extract<DomainCommand, { operation: "renew-domain" }>;

export function renewDomain(command: Renew, context: Context): Outcome {
  const { store, terms, agent, at } = context;
  const name = readName(command.name, terms.domains);
  if (name.kind === "bad") return refused(name.code, name.detail);
  const held = store.domains.ownLast(agent, name.name);
  if (held === undefined) {
    return refused("unknown_domain", `${name.name} is no domain of this agent.`);
  }
  const { status, expiresAt } = held;
  if (status === "expired" || status === "released") {
    const detail = `${name.name} is ${status}: its grace is over, and nobody can renew it.`;
    return refused("domain_expired", detail, { domain_status: status });
  }
  if (command.expiresAt !== undefined && command.expiresAt !== expiresAt) {
    const detail = `${name.name} has another expiry than the one that was to be renewed.`;
    return refused("domain_changed", detail, { expires_at: isoOf(expiresAt) });
  }
  const until = addYears(expiresAt, command.years);
  if (until > addYears(at, DOMAIN_YEARS_MAX)) {
    const detail = `An expiry lies at most ${DOMAIN_YEARS_MAX} years ahead.`;
    return refused("too_many_years", detail, { expires_at: isoOf(expiresAt) });
  }
  const price = priceOf(name, command.years, terms.domains);
  const short = cannotPay(price, context);
  if (short !== undefined) return short;
  const renewed: Registration = {
    ...held,
    status: "active",
    step: 0,
    expiresAt: until,
    paidLast: price,
    paid: micros(held.paid + price),
    renewals: held.renewals + 1,
  };
  pay(price, held.id, context);
  store.domains.update(renewed);
  arm(renewed, context);
  const body = domainAnswer(renewed);
  return {
    kind: "done",
    status: 200,
    body,
    agent,
    amount: price,
    event: {
      type: "domain.renewed",
      payload: { ...domainFacts(renewed), price_micros: body.price_micros, was: status },
    },
  };
}
