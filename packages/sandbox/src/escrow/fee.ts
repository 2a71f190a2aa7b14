// What a release costs: 1 % of what is paid, rounded up, of which a referrer gets 15 %, rounded down. The parts
// always add up to the whole.

import { type Usdc, micros } from "@holdfast/core";

/** The fee is this part of what is paid. */
const FEE_DIVISOR = 100n;
/** Percent of the fee. */
const REFERRAL_PERCENT = 15n;

export interface Shares {
  /** What the payee gets. */
  readonly net: Usdc;
  readonly fee: Usdc;
  /** The referrer's part of the fee. */
  readonly referral: Usdc;
  /** The venue's part of it. */
  readonly house: Usdc;
}

/**
 * How a payment is divided.
 *
 * @example
 * sharesOf(usdc("100"), true); // net 99.00, fee 1.00, referral 0.15, house 0.85
 */
export function sharesOf(amount: Usdc, hasReferrer: boolean): Shares {
  const fee = micros((amount + FEE_DIVISOR - 1n) / FEE_DIVISOR);
  const referral = micros(hasReferrer ? (fee * REFERRAL_PERCENT) / 100n : 0n);
  return { net: micros(amount - fee), fee, referral, house: micros(fee - referral) };
}
