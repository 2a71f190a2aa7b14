// What a faucet gives, and when: an amount, and then a wait, or never again.

import { type Usdc, micros } from "@holdfast/core";

/** What the faucet gives. */
export const FAUCET_AMOUNT: Usdc = micros(1_000_000n);
/** How long it then waits, in milliseconds. */
export const FAUCET_WINDOW_MS = 86_400_000;

export interface FaucetTerms {
  readonly amount: Usdc;
  /** How long an agent waits after a claim, in milliseconds of the venue's time. */
  readonly windowMs: number;
  /** True where an agent may claim once only. */
  readonly once: boolean;
}

/** 1 USDC per agent and 24 hours. */
export const DEFAULT_FAUCET_TERMS: FaucetTerms = {
  amount: FAUCET_AMOUNT,
  windowMs: FAUCET_WINDOW_MS,
  once: false,
};

/** When an agent that has claimed may claim again; null where it may not. */
export function nextClaimAt(claimedAt: number, { once, windowMs }: FaucetTerms): number | null {
  return once ? null : claimedAt + windowMs;
}
