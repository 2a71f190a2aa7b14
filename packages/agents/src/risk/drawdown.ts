// How far an equity stands below its peak. Money is compared in integers; the fraction is for people.

import { HoldfastError, type Usdc } from "@holdfast/core";

const SCALE = 1_000_000;

/** The fraction lost from the peak, from 0 to 1, exact to a millionth. */
export function drawdown(peak: Usdc, equity: Usdc): number {
  if (peak <= 0n || equity >= peak) return 0;
  return Number(((peak - equity) * BigInt(SCALE)) / peak) / SCALE;
}

/**
 * True when the loss from the peak has reached the limit, a fraction between 0 and 1, exact to a millionth.
 *
 * @throws HF-LIMIT-INVALID
 * @example
 * exceeds(usdc("100"), usdc("85"), 0.15); // true
 */
export function exceeds(peak: Usdc, equity: Usdc, limit: number): boolean {
  if (!(limit > 0 && limit < 1)) {
    throw new HoldfastError(
      "HF-LIMIT-INVALID",
      `Cannot use ${limit} as a limit: expected a fraction between 0 and 1, such as 0.15.`,
    );
  }
  if (peak <= 0n) return false;
  // A limit that rounds to nothing would be reached without any loss.
  const millionths = BigInt(Math.max(1, Math.round(limit * SCALE)));
  return (peak - equity) * BigInt(SCALE) >= peak * millionths;
}
