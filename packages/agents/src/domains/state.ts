// How far an agent that keeps a domain has come, and what it reports at the end.

import type { Usdc } from "@holdfast/core";
import { type Domain, money } from "@holdfast/purpleflea";
import { z } from "zod";

export const DomainProgress = z.object({
  /** "seeking" until the name is the account's. */
  phase: z.enum(["seeking", "holding"]),
  registrationId: z.string().nullable(),
  /** In milliseconds since the epoch. */
  expiresAt: z.number().nullable(),
  /** Renewals that were made. */
  renewals: z.number(),
  /** Looks and payments that failed or were refused, in all. */
  refused: z.number(),
  /** Payments that were refused since the last success: part of the next one's key. */
  tries: z.number(),
  spent: money(),
});

export const DomainReport = z.object({
  /**
   * "kept": paid for all years. "lost": its grace went by. Where it was wanted now, also "taken", by somebody
   * else, and "too-dear", beyond the price.
   */
  outcome: z.enum(["kept", "lost", "taken", "too-dear"]),
  registrationId: z.string().nullable(),
  expiresAt: z.number().nullable(),
  renewals: z.number(),
  refused: z.number(),
  spent: money(),
});

export type DomainState = z.output<typeof DomainProgress>;
export type DomainReport = z.output<typeof DomainReport>;

/** What a step of the agent comes to: how it goes on, or its end. */
export type Step = DomainState | DomainReport;

/** How late a payment may still be made: the venue remembers a key for a day. */
export const PAYMENT_TOTAL = "22h";

/** How long a look is tried. */
export const LOOK_TOTAL = "1h";

export const BEGINNING: DomainState = {
  phase: "seeking",
  registrationId: null,
  expiresAt: null,
  renewals: 0,
  refused: 0,
  tries: 0,
  spent: 0n as Usdc,
};

/** The account holds the name, and `paid` was spent for that just now. */
export function holding(
  state: DomainState,
  { registrationId, expiresAt }: z.output<typeof Domain>,
  paid: bigint,
): DomainState {
  const spent = (state.spent + paid) as Usdc;
  return { ...state, phase: "holding", registrationId, expiresAt, spent, tries: 0 };
}

/** A payment was refused: the next one needs another key. */
export function refusedPayment(state: DomainState): DomainState {
  return { ...state, refused: state.refused + 1, tries: state.tries + 1 };
}

/** A look failed. */
export function failedLook(state: DomainState): DomainState {
  return { ...state, refused: state.refused + 1 };
}

export function ended(state: DomainState, outcome: DomainReport["outcome"]): DomainReport {
  const { registrationId, expiresAt, renewals, refused, spent } = state;
  return { outcome, registrationId, expiresAt, renewals, refused, spent };
}
