// The Purple Flea API for TypeScript: a typed client, and the activities that agents call.

export {
  EscrowReceipt,
  completeEscrow,
  createEscrow,
  disputeEscrow,
  getEscrow,
  refundEscrow,
  releaseEscrow,
} from "./activity/escrow.ts";
export { JobReceipt, getJob, postJob } from "./activity/job.ts";
export { BetReceipt, casinoBet } from "./activity/casino.ts";
export {
  Domain,
  getDomain,
  registerDomain,
  renewDomain,
  searchDomains,
} from "./activity/domain.ts";
export { claimFaucet, walletBalance, registerAgent } from "./activity/account.ts";
export {
  OrderReceipt,
  cancelOrder,
  getOpenOrders,
  getOrder,
  placeOrder,
} from "./activity/order.ts";
export { getCandles, getPortfolio, getPositions, getPrices } from "./activity/read.ts";
export {
  Closed,
  ClosedAll,
  Fill,
  closeAllPositions,
  closePosition,
  executeTrade,
} from "./activity/trade.ts";
export type { ApiKey } from "./client/api-key.ts";
export type { BoundPurpleFlea } from "./client/bound.ts";
export type { Calls, ReadCall, WriteCall } from "./client/calls.ts";
export { type PurpleFlea, type PurpleFleaOptions, createPurpleFlea } from "./client/client.ts";
export { DomainExpired, DomainTaken, EscrowState, InsufficientFunds } from "./client/failure.ts";
export type { CasinoGame, CasinoGroup, CasinoStake } from "./client/group/casino.ts";
export type { DomainOrder, DomainRenewal, DomainsGroup } from "./client/group/domains.ts";
export type { CandleRequest, MarketGroup } from "./client/group/market.ts";
export type { OrdersGroup, PlacedOrder } from "./client/group/orders.ts";
export type { OpenOrder, TradeGroup } from "./client/group/trade.ts";
export type { WalletAmount, WalletGroup } from "./client/group/wallet.ts";
export type { EscrowGroup, NewEscrow } from "./client/group/escrow.ts";
export type { JobDelivery, JobsGroup, NewJob } from "./client/group/jobs.ts";
export type { NewWebhook, WebhookReplay, WebhooksGroup } from "./client/group/webhooks.ts";
export type { FaucetGroup } from "./client/group/faucet.ts";
export type { ReadMark, WriteMark } from "./client/http.ts";
export { money } from "./money.ts";
export { type RateLimit, type VenuePaths, type VenueProfile, paperProfile } from "./profile.ts";
export type {
  Answered,
  Asked,
  Dialect,
  DialectCall,
  PositionRecord,
  ReadRaw,
  Records,
  TradeRecord,
} from "./profile/dialect.ts";
export { guideProfile } from "./profile/guide.ts";
export { publicProfile } from "./profile/public-2026-03.ts";
export { type SecretStore, purpleFlea, secrets } from "./resource.ts";
export {
  WEBHOOK_BODY_BYTES_MAX,
  type WebhookHeaders,
  type WebhookRequest,
  verifyWebhook,
} from "./webhook/verify.ts";
export type { WebhookEvent } from "./wire/webhook.ts";
