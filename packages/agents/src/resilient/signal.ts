// What the resilient trader wants to do, of prices alone. Pure.

import type { Usdc } from "@holdfast/core";

export type Wish = "open" | "close" | "nothing";

/**
 * Momentum of two averages: open where the mean of the last `fast` prices is above that of the last `slow`, close
 * where it is below. Nothing while there are fewer than `slow` prices, or one of them is no price.
 *
 * @param prices oldest first, in micro-USDC
 * @example
 * wishOf([usdc("1.00"), usdc("2.00"), usdc("3.00")], { fast: 1, slow: 3 }, false); // "open"
 */
export function wishOf(
  prices: readonly Usdc[],
  { fast, slow }: { readonly fast: number; readonly slow: number },
  holds: boolean,
): Wish {
  const last = prices.slice(-slow);
  if (last.length < slow || last.some((price) => price <= 0n)) return "nothing";
  const sum = (count: number): bigint =>
    last.slice(-count).reduce((total, price) => total + price, 0n);
  // The means are compared without dividing.
  const [quick, calm] = [sum(fast) * BigInt(slow), sum(slow) * BigInt(fast)];
  if (quick > calm) return holds ? "nothing" : "open";
  if (quick < calm) return holds ? "close" : "nothing";
  return "nothing";
}
