// Paths of market data: open to everybody.

import { CandlesResponse, PricesResponse } from "@holdfast/purpleflea/wire";
import { CandlesQuery, candlesOf, prices } from "../market-data.ts";
import { type Route, read } from "../route.ts";

export const marketRoutes: readonly Route[] = [
  read("main", "/api/market/prices", "prices", {
    open: true,
    answer: ({ venue, told }) => ({ pairs: prices(venue, told?.marketAt) }),
    response: PricesResponse,
  }),
  read("main", "/api/market/candles", "candles", {
    open: true,
    answer: ({ venue, url, told }) => candlesOf(venue, url, told?.marketAt),
    query: CandlesQuery,
    response: CandlesResponse,
  }),
];
