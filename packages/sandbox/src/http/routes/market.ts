// Paths of market data: open to everybody.

import { CandlesResponse, PricesResponse } from "@holdfast/purpleflea/wire";
import { CandlesQuery, candlesOf, prices } from "../market-data.ts";
import { type Route, read } from "../route.ts";

export const marketRoutes: readonly Route[] = [
  read("main", "/api/market/prices", "prices", {
    open: true,
    answer: ({ venue }) => ({ pairs: prices(venue) }),
    response: PricesResponse,
  }),
  read("main", "/api/market/candles", "candles", {
    open: true,
    answer: ({ venue, url }) => candlesOf(venue, url),
    query: CandlesQuery,
    response: CandlesResponse,
  }),
];
