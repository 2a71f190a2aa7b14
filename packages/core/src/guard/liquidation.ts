// How far a price may move before a venue takes a position away. Pure.

/** Share of the notional that must remain, where a venue does not say: half of what its highest leverage asks for. */
export const MAINTENANCE = 0.01;

/**
 * The distance from the entry price to the liquidation price of an isolated long, as a share of the entry price:
 * `1 - (1 - 1/leverage)/(1 - m)` with the maintenance share `m`, from `price - available/size/(1 - m)`. A short's is
 * nearer by a factor of (1 - m)/(1 + m), so that the smaller one counts for both.
 *
 * @example
 * liquidationDistance(10).toFixed(4); // "0.0891": some 9 % below, or above
 */
export function liquidationDistance(leverage: number, maintenance: number = MAINTENANCE): number {
  const left = 1 / leverage - maintenance;
  return Math.max(0, left / (1 + maintenance));
}
