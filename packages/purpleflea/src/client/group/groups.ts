// All groups of the client's methods, over one way to call.

import type { z } from "zod";
import { PortfolioResponse, StatusResponse } from "../../wire/index.ts";
import type { Calls } from "../calls.ts";
import type { ReadMark } from "../http.ts";
import { type EscrowGroup, escrowGroup } from "./escrow.ts";
import { type CasinoGroup, casinoGroup } from "./casino.ts";
import { type DomainsGroup, domainsGroup } from "./domains.ts";
import { type FaucetGroup, faucetGroup } from "./faucet.ts";
import { type KeysGroup, keysGroup } from "./keys.ts";
import { type JobsGroup, jobsGroup } from "./jobs.ts";
import { type MarketGroup, marketGroup } from "./market.ts";
import { type OrdersGroup, ordersGroup } from "./orders.ts";
import { type TradeGroup, tradeGroup } from "./trade.ts";
import { type WalletGroup, walletGroup } from "./wallet.ts";
import { type WebhooksGroup, webhooksGroup } from "./webhooks.ts";

export interface Groups {
  readonly faucet: FaucetGroup;
  readonly wallet: WalletGroup;
  readonly trade: TradeGroup;
  readonly orders: OrdersGroup;
  readonly market: MarketGroup;
  readonly keys: KeysGroup;
  readonly escrow: EscrowGroup;
  readonly jobs: JobsGroup;
  readonly casino: CasinoGroup;
  readonly domains: DomainsGroup;
  readonly webhooks: WebhooksGroup;
  portfolio(mark?: ReadMark): Promise<z.output<typeof PortfolioResponse>>;
  status(mark?: ReadMark): Promise<z.output<typeof StatusResponse>>;
}

export function groupsOf(calls: Calls): Groups {
  const { paths } = calls.profile;
  return {
    faucet: faucetGroup(calls),
    wallet: walletGroup(calls),
    trade: tradeGroup(calls),
    orders: ordersGroup(calls),
    market: marketGroup(calls),
    keys: keysGroup(calls),
    escrow: escrowGroup(calls),
    jobs: jobsGroup(calls),
    casino: casinoGroup(calls),
    domains: domainsGroup(calls),
    webhooks: webhooksGroup(calls),
    portfolio: (mark) =>
      calls.read(
        { operation: "portfolio", path: paths.portfolio, answer: PortfolioResponse },
        mark,
      ),
    status: (mark) =>
      calls.read({ operation: "status", path: paths.status, answer: StatusResponse }, mark),
  };
}
