// GET …/portfolio: what an agent is worth, and how far below its best it stands.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";
import { Position } from "./trade.ts";

export const PortfolioResponse = z.object({
  positions: z.array(Position),
  available_micros: Micros,
  available_usdc: GuideNumber,
  /** What open orders keep for their fills. */
  reserved_micros: Micros.optional(),
  reserved_usdc: GuideNumber,
  margin_micros: Micros,
  margin_usdc: GuideNumber,
  unrealised_pnl_micros: Micros,
  unrealised_pnl_usdc: GuideNumber,
  unrealized_pnl: GuideNumber,
  /** Available, plus reserved, plus margin, plus unrealised profit. */
  equity_micros: Micros,
  equity_usdc: GuideNumber,
  /** Highest equity seen, moved along with what was paid in. */
  peak_equity_micros: Micros,
  /** Sum of the positions' values at the mark. */
  exposure_micros: Micros,
  total_exposure: GuideNumber,
  total_exposure_usdc: GuideNumber,
  /** A fraction on /api/v1/portfolio, percent elsewhere, as the guides have it. */
  drawdown_pct: z.number(),
  /** 0.15 when the equity is 15 % below its peak. */
  drawdown_fraction: z.number(),
  drawdown_percent: z.number(),
});

export type PortfolioResponse = z.output<typeof PortfolioResponse>;
