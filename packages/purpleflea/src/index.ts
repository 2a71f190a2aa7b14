// The Purple Flea API for TypeScript: a typed client, and the activities that agents call.

export { claimFaucet, getBalance, registerAgent } from "./activity/account.ts";
export { OrderReceipt, cancelOrder, getOrder, placeOrder } from "./activity/order.ts";
export { getCandles, getPortfolio, getPositions, getPrices } from "./activity/read.ts";
export {
  Closed,
  ClosedAll,
  Fill,
  closeAllPositions,
  closePosition,
  openPosition,
} from "./activity/trade.ts";
export type { ApiKey } from "./client/api-key.ts";
export type { BoundPurpleFlea } from "./client/bound.ts";
export {
  type CandleRequest,
  type OpenOrder,
  type PlacedOrder,
  type PurpleFlea,
  type PurpleFleaOptions,
  type WalletAmount,
  createPurpleFlea,
} from "./client/client.ts";
export { InsufficientFunds } from "./client/failure.ts";
export type { ReadMark, WriteMark } from "./client/http.ts";
export { money } from "./money.ts";
export {
  type VenuePaths,
  type VenueProfile,
  guideProfile,
  paperProfile,
  publicProfile,
} from "./profile.ts";
export { type SecretStore, purpleFlea, secrets } from "./resource.ts";
