// Market data: open to everybody.

import type { z } from "zod";
import { type CandleInterval, CandlesResponse, PricesResponse } from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark } from "../http.ts";

export interface CandleRequest {
  readonly symbol: string;
  /** Default "1m". */
  readonly interval?: CandleInterval | undefined;
  /** Milliseconds since the epoch: the first candle begins then or later. */
  readonly since?: number | undefined;
  /** None ends later. */
  readonly until?: number | undefined;
  /** Default 100, at most 1,000. */
  readonly limit?: number | undefined;
}

export interface MarketGroup {
  prices(mark?: ReadMark): Promise<z.output<typeof PricesResponse>["pairs"]>;
  /** Candles that are over, oldest first. */
  candles(
    request: CandleRequest,
    mark?: ReadMark,
  ): Promise<z.output<typeof CandlesResponse>["candles"]>;
}

export function marketGroup({ read, profile: { paths } }: Calls): MarketGroup {
  return {
    async prices(mark) {
      const call = { operation: "prices", path: paths.prices, answer: PricesResponse };
      return (await read(call, mark)).pairs;
    },
    async candles(request, mark) {
      const path = `${paths.candles}${query(request)}`;
      return (await read({ operation: "candles", path, answer: CandlesResponse }, mark)).candles;
    },
  };
}
