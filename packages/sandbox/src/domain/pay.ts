// Pays for years of a name, and sets the instant at which something next happens to it by itself.

import { type Usdc, micros } from "@holdfast/core";
import { toMicros } from "@holdfast/purpleflea/wire";
import type { Context, OwnContext } from "../command/context.ts";
import { type Refused, refused } from "../command/outcome.ts";
import { VENUE, agentAccount } from "../ledger/ledger.ts";
import { type Registration, nextStepAt } from "./registration.ts";

/** The one kind of timer of domains: what is due is the registration's next step. */
export const DOMAIN_TIMER = "domain";

/** Why an agent cannot pay; undefined where it can. */
export function cannotPay(price: Usdc, { ledger, agent }: Context): Refused | undefined {
  const available = ledger.balance(agentAccount(agent));
  if (available >= price) return undefined;
  return refused("insufficient_funds", "The domain costs more than is available.", {
    needed_micros: toMicros(price),
    available_micros: toMicros(available),
  });
}

/** Takes the price. What is spent so is no loss of trading: the peak of the equity moves along. */
export function pay(price: Usdc, registration: string, context: Context): void {
  const { store, ledger, agent, at, command } = context;
  ledger.post([
    {
      debit: agentAccount(agent),
      credit: VENUE.domains,
      amount: price,
      kind: "domain",
      agent,
      subject: registration,
      at,
      command,
    },
  ]);
  store.agents.movePeak(agent, micros(-price));
}

/** Sets the timer of a registration's next step in place of the one before. */
export function arm(registration: Registration, { store }: Pick<OwnContext, "store">): void {
  store.timers.clear(DOMAIN_TIMER, registration.id);
  const at = nextStepAt(registration);
  if (at !== undefined) store.timers.set(at, DOMAIN_TIMER, registration.id);
}
