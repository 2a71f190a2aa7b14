// The wire format of the Purple Flea API, shared by the client and the paper venue. Exact amounts are in
// fields that end in `_micros`; the typed client reads only those.

export * from "./faucet.ts";
export * from "./idempotency.ts";
export * from "./market.ts";
export * from "./money.ts";
export * from "./portfolio.ts";
export * from "./problem.ts";
export * from "./register.ts";
export * from "./status.ts";
export * from "./trade.ts";
export * from "./wallet.ts";
