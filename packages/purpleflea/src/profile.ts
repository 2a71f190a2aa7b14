// What a venue can do, and the paper venue's own profile; those of others are in profile/. The guides describe a
// venue that honours keys; the public servers of March 2026 do not: exactly-once must never be owed to the venue
// alone.

import type { VenueCapabilities } from "@holdfast/core";
import type { Dialect } from "./profile/dialect.ts";

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
  /** How it spells the client's operations; absent where it speaks as the client does. */
  readonly dialect?: Dialect | undefined;
  /** Its own address. */
  readonly baseUrl?: string | undefined;
  /** Its further hosts at that address, by the name in a path (`/@faucet/…`); elsewhere the path names them. */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
  /** Requests that its published limits allow, by host ("main" for the rest). */
  readonly rateLimits?: Readonly<Record<string, RateLimit>> | undefined;
}

export interface RateLimit {
  readonly perMinute: number;
  readonly burst: number;
  readonly perDay: number;
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
  /** Of all escrows; what is done with one stands below it. */
  readonly escrows: string;
  readonly jobs: string;
  readonly casinoBet: string;
  readonly crashBet: string;
  readonly coinFlipBet: string;
  readonly diceRoll: string;
  readonly slotsSpin: string;
  readonly casinoBets: string;
  readonly fairnessSeed: string;
  readonly fairnessRotate: string;
  readonly registerDomain: string;
  readonly renewDomain: string;
  readonly domains: string;
  readonly searchDomains: string;
  readonly faucetStatus: string;
  readonly status: string;
  readonly idempotency: string;
  readonly keys: string;
  readonly webhooks: string;
  readonly lowBalanceThreshold: string;
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
  escrows: "/@escrow/api/escrow",
  jobs: "/api/jobs",
  casinoBet: "/api/v1/casino/bet",
  crashBet: "/casino/api/crash/bet",
  coinFlipBet: "/casino/api/coinflip/bet",
  diceRoll: "/casino/api/dice/roll",
  slotsSpin: "/casino/api/slots/spin",
  casinoBets: "/casino/api/bets",
  fairnessSeed: "/casino/api/fairness/seed",
  fairnessRotate: "/casino/api/fairness/rotate",
  registerDomain: "/api/v1/domains/register",
  renewDomain: "/api/domains/renew",
  domains: "/api/domains",
  searchDomains: "/api/domains/search",
  faucetStatus: "/@faucet/api/status",
  status: "/api/status",
  idempotency: "/api/idempotency/",
  keys: "/api/keys",
  webhooks: "/api/webhooks",
  lowBalanceThreshold: "/api/wallet/low-balance-threshold",
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
  webhooks: true,
  testClock: true,
  liveKeyPrefixes,
  paths,
});
