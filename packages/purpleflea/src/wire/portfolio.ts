// GET …/portfolio: what an agent is worth.

import { z } from "zod";
import { Micros } from "./money.ts";
import { Position } from "./trade.ts";

export const PortfolioResponse = z.object({
  positions: z.array(Position),
  available_micros: Micros,
  margin_micros: Micros,
  unrealised_pnl_micros: Micros,
  equity_micros: Micros,
  peak_equity_micros: Micros,
  exposure_micros: Micros,
  /** A fraction on /api/v1/portfolio, percent elsewhere, as the guides have it. */
  drawdown_pct: z.number(),
  drawdown_fraction: z.number(),
  drawdown_percent: z.number(),
});
