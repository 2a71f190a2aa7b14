// The wire format of the Purple Flea API: requests and answers, one file per concept, shared by the typed
// client and the paper venue. It knows no transport and makes no decision.
//
// One convention for money in answers: a field that ends in `_micros` is exact (integer micro-USDC in a
// string) and always there. Every other amount (`entry_price`, `pnl_usdc`, `usdc`, …) is a JSON number for the
// callers of the published guides, optional to a reader, and not for arithmetic: read `_micros`.

export * from "./carrier.ts";
export * from "./escrow.ts";
export * from "./casino.ts";
export * from "./domain.ts";
export * from "./event.ts";
export * from "./faucet.ts";
export * from "./idempotency.ts";
export * from "./key.ts";
export * from "./job.ts";
export * from "./low-balance.ts";
export * from "./market.ts";
export * from "./money.ts";
export * from "./number.ts";
export * from "./order.ts";
export * from "./portfolio.ts";
export * from "./problem.ts";
export * from "./register.ts";
export * from "./status.ts";
export * from "./stream.ts";
export * from "./trade.ts";
export * from "./wallet.ts";
export * from "./webhook.ts";
