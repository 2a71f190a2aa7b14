// What differs between venues: fees, the cap of funding, and how the liquidation price is computed.

/**
 * "hyperliquid" (Binance's, too): (entry ∓ margin/quantity) / (1 ∓ mmr). "gate" (OKX's, too): the same with
 * mmr plus the taker fee. "bybit": entry ∓ margin/quantity ± entry × mmr. The upper signs are those of a long.
 */
export type LiquidationFormula = "hyperliquid" | "gate" | "bybit";

export interface TradeRules {
  readonly liquidation: LiquidationFormula;
  /** In millionths of a fill's value. */
  readonly takerFeePpm: bigint;
  readonly makerFeePpm: bigint;
  /** Most that an hour's funding may be, in millionths of the value. */
  readonly fundingCapPpm: number;
}

export const DEFAULT_RULES: TradeRules = {
  liquidation: "hyperliquid",
  takerFeePpm: 500n,
  makerFeePpm: 200n,
  fundingCapPpm: 40_000,
};
