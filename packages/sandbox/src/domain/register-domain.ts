// Registers a name that is free.

import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { domainAnswer, domainFacts, isoOf } from "./answer.ts";
import type { DomainCommand } from "./command.ts";
import { readName } from "./name.ts";
import { arm, cannotPay, pay } from "./pay.ts";
import { DOMAINS_MAX, type Registration, addYears } from "./registration.ts";
import { priceOf } from "./terms.ts";

type Register = Extract<DomainCommand, { operation: "register-domain" }>;

export function registerDomain({ name: text, years }: Register, context: Context): Outcome {
  const { store, identities, terms, agent, at, command, ref } = context;
  const name = readName(text, terms.domains);
  if (name.kind === "bad") return refused(name.code, name.detail);
  const holder = store.domains.holder(name.name);
  if (holder !== undefined) {
    const owned = holder.agent === agent;
    const whose = owned ? "this agent" : "somebody else";
    return refused("domain_taken", `${name.name} is registered already, by ${whose}.`, {
      name: name.name,
      owned,
      expires_at: isoOf(holder.expiresAt),
    });
  }
  if (store.domains.countHeld(agent) >= DOMAINS_MAX) {
    return refused("too_many_domains", `An agent holds at most ${DOMAINS_MAX} domains.`);
  }
  const price = priceOf(name, years, terms.domains);
  const short = cannotPay(price, context);
  if (short !== undefined) return short;
  const registration: Registration = {
    id: identities.id("dom", command),
    number: command,
    name: name.name,
    agent,
    status: "active",
    step: 0,
    registeredAt: at,
    expiresAt: addYears(at, years),
    paidLast: price,
    paid: price,
    renewals: 0,
    ref: ref ?? null,
  };
  pay(price, registration.id, context);
  store.domains.insert(registration);
  arm(registration, context);
  const body = domainAnswer(registration);
  return {
    kind: "done",
    status: 201,
    body,
    agent,
    amount: price,
    event: {
      type: "domain.registered",
      payload: { ...domainFacts(registration), price_micros: body.price_micros },
    },
  };
}
