// The table of paths: every path of the published guides that the venue plays, and its own. Each domain says its
// own paths; a new path is a row there.

import { openApiRoutes } from "./openapi.ts";
import type { Route } from "./route.ts";
import { accountRoutes } from "./routes/account.ts";
import { marketRoutes } from "./routes/market.ts";
import { tradeRoutes } from "./routes/trade.ts";
import { venueRoutes } from "./routes/venue.ts";
import { walletRoutes } from "./routes/wallet.ts";

export const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...tradeRoutes,
  ...walletRoutes,
  ...marketRoutes,
  ...venueRoutes,
  ...openApiRoutes(() => ROUTES),
];
