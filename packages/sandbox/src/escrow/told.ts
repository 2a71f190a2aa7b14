// What is told of a change of an escrow: the same to both sides, and to the referrer its own share.

import { toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { Usdc } from "@holdfast/core";
import type { Json } from "../command/command.ts";
import type { Context } from "../command/context.ts";
import type { Journal } from "../command/journal.ts";
import type { Done, Told, Unchanged } from "../command/outcome.ts";
import type { Escrow } from "./escrow.ts";

/** How far an escrow has come, and what is told of it. */
export interface Change {
  readonly escrow: Escrow;
  readonly told: readonly Told[];
}

/** The agents of this venue that an escrow is between. */
export function sidesOf({ payer, payee, simulated }: Escrow): readonly string[] {
  return simulated ? [payer] : [payer, payee];
}

export function tellSides(type: string, escrow: Escrow): readonly Told[] {
  const { id, payer, payee, amount, status, paid, fee, refunded } = escrow;
  const payload = {
    escrow_id: id,
    amount_usdc: toGuideNumber(amount),
    amount_micros: toMicros(amount),
    status,
    payer,
    counterparty: payee,
    fee_micros: toMicros(fee),
    net_micros: toMicros(paid),
    refunded_micros: toMicros(refunded),
    reason: escrow.reason,
    job_id: escrow.job,
  };
  const told = sidesOf(escrow).map((agent) => ({ type, agent, payload }));
  const { referrer, referral } = escrow;
  if (referrer === null || referral === 0n) return told;
  const share = {
    referral_usdc: toGuideNumber(referral),
    referral_micros: toMicros(referral),
  };
  return [...told, { type, agent: referrer, payload: { ...payload, ...share, role: "referrer" } }];
}

/** What a caller is answered: the first event that is for it is the one of its command. */
export function done(
  told: readonly Told[],
  answer: { readonly status: 200 | 201; readonly body: Json; readonly amount: Usdc },
  { agent }: Pick<Context, "agent">,
): Done {
  const [event, tells] = split(told, agent);
  return { kind: "done", ...answer, agent, event, tells };
}

/** Nothing is changed: it has been done before, and is answered as then. */
export function unchanged(body: Json): Unchanged {
  return { kind: "unchanged", status: 200, body };
}

/** Notes what the venue did by itself to somebody's escrow. */
export function keepDeed(
  { escrow, told }: Change,
  operation: string,
  { agent, command, at }: Pick<Context, "agent" | "command" | "at">,
  journal: Journal,
): void {
  const [event, tells] = split(told, agent);
  const { ref, amount } = escrow;
  journal.keepOwn({ id: command, operation, agent, ref, at, amount, event, tells });
}

function split(told: readonly Told[], agent: string): readonly [Told, readonly Told[]] {
  const event = told.find((one) => one.agent === agent);
  if (event === undefined) throw new Error(`Nothing is told to ${agent}, who caused it.`);
  return [event, told.filter((one) => one !== event)];
}
