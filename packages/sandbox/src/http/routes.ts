// The table of paths: every path of the published guides that the venue plays, and its own. Each domain says its
// own paths; a new path is a row there.

import { openApiRoutes } from "./openapi.ts";
import type { Route } from "./route.ts";
import { accountRoutes } from "./routes/account.ts";
import { escrowRoutes } from "./routes/escrow.ts";
import { jobRoutes } from "./routes/job.ts";
import { casinoRoutes } from "./routes/casino.ts";
import { domainRoutes } from "./routes/domain.ts";
import { marketRoutes } from "./routes/market.ts";
import { tradeRoutes } from "./routes/trade.ts";
import { venueRoutes } from "./routes/venue.ts";
import { walletRoutes } from "./routes/wallet.ts";
import { webhookRoutes } from "./routes/webhook.ts";

export const ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...tradeRoutes,
  ...walletRoutes,
  ...escrowRoutes,
  ...jobRoutes,
  ...domainRoutes,
  ...webhookRoutes,
  ...marketRoutes,
  ...casinoRoutes,
  ...venueRoutes,
  ...openApiRoutes(() => ROUTES),
];
