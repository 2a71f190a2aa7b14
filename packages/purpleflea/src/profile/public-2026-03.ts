// The public servers as their published sources were in March 2026: a host for each service, no keys, no stream,
// amounts as JSON numbers. An order that failed is answered 400 whatever became of it at the exchange behind, so
// that such an answer proves nothing.

import { type VenueProfile, paperProfile } from "../profile.ts";
import { microsOf } from "./amount.ts";
import type { Asked, Dialect, DialectCall } from "./dialect.ts";
import {
  BalanceAnswer,
  ClaimAnswer,
  CloseAnswer,
  HistoryAnswer,
  OpenAnswer,
  PositionsAnswer,
  PricesAnswer,
  RegisterAnswer,
} from "./public-answer.ts";
import { coinOf, symbolOf } from "./public-coin.ts";
import { readRecords } from "./public-records.ts";
import { closedOf, openedOf, positionOf, transactionOf } from "./public-render.ts";

/** The coins whose prices are asked for. */
const COINS = ["BTC", "ETH", "SOL"];

const CALLS: Readonly<Record<string, DialectCall>> = {
  register: {
    path: () => "/@trading/v1/auth/register",
    body: () => ({}),
    answer: ({ digits }) => RegisterAnswer.parse(digits),
  },
  claim: {
    path: () => "/@faucet/faucet/claim",
    body: ({ agentId }) => ({ agent_casino_id: agentId }),
    answer({ digits }) {
      const { credited, claim_id: claimId } = ClaimAnswer.parse(digits);
      return { amount_micros: microsOf(credited), tx_hash: claimId };
    },
  },
  balance: {
    path: () => "/@casino/api/v1/auth/balance",
    answer({ digits }) {
      const { agent_id: agentId, balance_usd: balance } = BalanceAnswer.parse(digits);
      return { agent_id: agentId, usdc_micros: microsOf(balance) };
    },
  },
  transactions: {
    path: (asked) => `/@trading/v1/trade/history${queryOf(asked)}`,
    answer: ({ digits }) => ({
      transactions: HistoryAnswer.parse(digits).trades.map(transactionOf),
    }),
  },
  open: {
    path: () => "/@trading/v1/trade/open",
    // Without a leverage the servers take 5: what the caller means is said.
    body: ({ body: { symbol, side, size, leverage } }) => ({
      coin: coinOf(String(symbol)),
      side,
      size_usd: Number(size),
      leverage: leverage ?? 1,
    }),
    answer: ({ digits }) => openedOf(OpenAnswer.parse(digits)),
  },
  close: {
    path: () => "/@trading/v1/trade/close",
    answer: ({ digits }) => closedOf(CloseAnswer.parse(digits)),
  },
  positions: {
    path: () => "/@trading/v1/trade/positions",
    answer: ({ digits }) => ({
      positions: PositionsAnswer.parse(digits).positions.map(positionOf),
    }),
  },
  prices: {
    path: () => `/@trading/v1/markets/multi-price?coins=${COINS.join(",")}`,
    answer({ digits }) {
      const { prices, timestamp } = PricesAnswer.parse(digits);
      return {
        pairs: prices.flatMap(({ coin, price }) => {
          if (price === null) return [];
          const exact = microsOf(price);
          const symbol = symbolOf(coin);
          const sides = { price_micros: exact, bid_micros: exact, ask_micros: exact };
          return [
            {
              pair: symbol,
              symbol,
              price: Number(price),
              ...sides,
              timestamp_ms: Date.parse(timestamp),
            },
          ];
        }),
      };
    },
  },
};

function queryOf({ path }: Asked): string {
  const at = path.indexOf("?");
  return at === -1 ? "" : path.slice(at);
}

const dialect: Dialect = {
  call: (operation) => CALLS[operation],
  // Said of refusals, and of what failed after the exchange had filled it.
  doubtful: new Set(["trade_failed", "close_failed"]),
  records: readRecords,
  symbol: symbolOf,
};

/** The public servers as read in March 2026: no keys, no stream, no portfolio that tells the equity. */
export const publicProfile: VenueProfile = Object.freeze({
  ...paperProfile,
  name: "public-2026-03",
  idempotency: "none",
  lookup: false,
  stream: false,
  webhooks: false,
  testClock: false,
  dialect,
  baseUrl: "https://purpleflea.com",
  hosts: {
    trading: "https://trading.purpleflea.com",
    casino: "https://casino.purpleflea.com",
    escrow: "https://escrow.purpleflea.com",
    faucet: "https://faucet.purpleflea.com",
    domains: "https://domains.purpleflea.com",
    wallet: "https://wallet.purpleflea.com",
  },
  rateLimits: {
    casino: { perMinute: 60, burst: 100, perDay: 10_000 },
    trading: { perMinute: 120, burst: 200, perDay: 50_000 },
    wallet: { perMinute: 60, burst: 80, perDay: 5_000 },
    domains: { perMinute: 30, burst: 50, perDay: 1_000 },
    escrow: { perMinute: 60, burst: 80, perDay: 10_000 },
    faucet: { perMinute: 10, burst: 10, perDay: 100 },
  },
});
