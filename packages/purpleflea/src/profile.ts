// What a venue can do. The guides describe a venue that honours keys; the public servers of March 2026 do not:
// exactly-once must never be owed to the venue alone.

import type { VenueCapabilities } from "@holdfast/core";

export interface VenueProfile extends VenueCapabilities {
  readonly name: string;
  /** Whether a write can be looked up by its key. */
  readonly lookup: boolean;
  readonly stream: boolean;
  readonly webhooks: boolean;
  readonly testClock: boolean;
  /** Prefixes of keys that move real money. */
  readonly liveKeyPrefixes: readonly string[];
  readonly paths: VenuePaths;
}

export interface VenuePaths {
  readonly register: string;
  readonly claim: string;
  readonly balance: string;
  readonly transactions: string;
  readonly open: string;
  readonly close: string;
  readonly closeAll: string;
  readonly positions: string;
  readonly portfolio: string;
  readonly prices: string;
  readonly candles: string;
  readonly orders: string;
  readonly cancelOrder: string;
  readonly deposit: string;
  readonly withdraw: string;
  readonly status: string;
  readonly idempotency: string;
  readonly stream: string;
}

const DAY_MS = 86_400_000;

const liveKeyPrefixes = [
  "pf_live_",
  "pf_sk_live_",
  "pk_live_",
  "sk_live_",
  "sk_trade_",
  "sk_domains_",
];

const paths: VenuePaths = {
  register: "/@faucet/api/register",
  claim: "/@faucet/api/claim",
  balance: "/api/wallet/balance",
  transactions: "/api/wallet/transactions",
  open: "/api/v1/trade",
  close: "/api/trade/close",
  closeAll: "/api/v1/trade/close-all",
  positions: "/api/trade/positions",
  portfolio: "/api/v1/portfolio",
  prices: "/api/market/prices",
  candles: "/api/market/candles",
  orders: "/api/orders",
  cancelOrder: "/api/orders/cancel",
  deposit: "/api/wallet/deposit",
  withdraw: "/api/wallet/withdraw",
  status: "/api/status",
  idempotency: "/api/idempotency/",
  stream: "/api/stream",
};

/** The paper venue that ships with Holdfast. */
export const paperProfile: VenueProfile = Object.freeze({
  name: "paper",
  idempotency: "header",
  keyTtlMs: DAY_MS,
  settleMs: 60_000,
  lookup: true,
  stream: true,
  webhooks: false,
  testClock: true,
  liveKeyPrefixes,
  paths,
});

/** The venue as the published guides describe it: keys, but no look-up. */
export const guideProfile: VenueProfile = Object.freeze({
  ...paperProfile,
  name: "guide",
  lookup: false,
  testClock: false,
});

/** The public servers as read in March 2026: no keys, no stream. */
export const publicProfile: VenueProfile = Object.freeze({
  ...guideProfile,
  name: "public-2026-03",
  stream: false,
  idempotency: "none",
});
