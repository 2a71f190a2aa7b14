// Limits of escrows, and how the venue's own arbiter decides.

import { type Usdc, micros } from "@holdfast/core";

export const HOUR_MS = 3_600_000;
/** Least that an escrow locks: 0.01 USDC. */
export const ESCROW_MIN: Usdc = micros(10_000n);
/** Most that an escrow locks: a billion USDC. */
export const ESCROW_MAX: Usdc = micros(1_000_000_000_000_000n);
/** Escrows of one payer that are neither paid nor given back, at most; those of jobs count. */
export const LIVE_ESCROWS_MAX = 1_000;

export interface EscrowRules {
  /** How long after a dispute the simulated arbiter decides, in milliseconds; null waits for the control. */
  readonly arbiterAfterMs: number | null;
  /** "by-state": for the payee where it has said that the work is done, else for the payer. */
  readonly arbiterDecides: "by-state" | "release" | "refund" | "split";
}

/** A day after the dispute, by what the payee has said. */
export const DEFAULT_ESCROW_RULES: EscrowRules = {
  arbiterAfterMs: 24 * HOUR_MS,
  arbiterDecides: "by-state",
};
