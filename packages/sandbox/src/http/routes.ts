// The table of paths: every path of the published guides that the venue plays, and its own few. A new path is a
// row here; a new operation is a command and a row.

import {
  CancelOrderRequest,
  CloseAllRequest,
  CloseRequest,
  ClaimRequest,
  DepositRequest,
  PlaceOrderRequest,
  RegisterRequest,
  TradeAssetRequest,
  TradeOpenRequest,
  TradeV1Request,
  WithdrawRequest,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Command, Json } from "../command/command.ts";
import { type RawBody, parseBody } from "./body.ts";
import type { Host, ReadOperation, ReadRoute, Route, WriteOptions, WriteRoute } from "./route.ts";
import { canonicalSymbol } from "./symbol.ts";

/** Leverage where a caller names none. */
const LEVERAGE_DEFAULT = 1;

const register: WriteOptions<typeof RegisterRequest> = {
  schema: RegisterRequest,
  command: ({ name, description }) => ({ operation: "register", name, description }),
  open: true,
};

const claim: WriteOptions<typeof ClaimRequest> = {
  schema: ClaimRequest,
  command: () => ({ operation: "claim" }),
};

const tradeV1: WriteOptions<typeof TradeV1Request> = {
  schema: TradeV1Request,
  aliases: {
    symbol: ["pair", "asset"],
    side: ["direction"],
    size: ["size_usd", "size_usdc", "amount_usd"],
  },
  command: ({ symbol, side, size, leverage = LEVERAGE_DEFAULT }) => ({
    operation: "open",
    symbol: canonicalSymbol(symbol),
    side,
    size: { kind: "value", amount: size },
    leverage,
  }),
  render: echo,
};

const tradeOpen: WriteOptions<typeof TradeOpenRequest> = {
  schema: TradeOpenRequest,
  aliases: {
    pair: ["symbol", "asset"],
    direction: ["side"],
    size_usdc: ["size_usd", "amount_usdc"],
  },
  command: ({ pair, direction, size_usdc: amount, leverage = LEVERAGE_DEFAULT }) => ({
    operation: "open",
    symbol: canonicalSymbol(pair),
    side: direction,
    size: { kind: "value", amount },
    leverage,
  }),
  render: echo,
};

const tradeAsset: WriteOptions<typeof TradeAssetRequest> = {
  schema: TradeAssetRequest,
  aliases: { asset: ["symbol", "pair"], side: ["direction"], size: ["quantity", "qty"] },
  command: ({ asset, size, side = "long", leverage = LEVERAGE_DEFAULT }) => ({
    operation: "open",
    symbol: canonicalSymbol(asset),
    side,
    size: { kind: "quantity", quantity: size },
    leverage,
  }),
  render: echo,
};

const close: WriteOptions<typeof CloseRequest> = {
  schema: CloseRequest,
  command: ({ position_id: positionId }) => ({ operation: "close", positionId }),
};

const closeAll: WriteOptions<typeof CloseAllRequest> = {
  schema: CloseAllRequest,
  command: () => ({ operation: "close-all" }),
};

const placeOrder: WriteOptions<typeof PlaceOrderRequest> = {
  schema: PlaceOrderRequest,
  aliases: {
    symbol: ["pair", "asset"],
    side: ["direction"],
    size: ["size_usd", "size_usdc", "amount_usd"],
    quantity: ["qty"],
    limit_price: ["price"],
    trigger_price: ["stop_price"],
  },
  command: ({
    symbol,
    side,
    type,
    size,
    quantity = 0n,
    leverage = LEVERAGE_DEFAULT,
    ...order
  }) => ({
    operation: "place-order",
    type,
    symbol: canonicalSymbol(symbol),
    side,
    size: size === undefined ? { kind: "quantity", quantity } : { kind: "value", amount: size },
    limit: order.limit_price,
    trigger: order.trigger_price,
    leverage,
    reduceOnly: order.position_id !== undefined || order.reduce_only === true,
    positionId: order.position_id,
    isImmediate: order.time_in_force === "ioc",
  }),
  render: echo,
};

const cancelOrder: WriteOptions<typeof CancelOrderRequest> = {
  schema: CancelOrderRequest,
  command: ({ order_id: orderId }) => ({ operation: "cancel-order", orderId }),
};

const deposit: WriteOptions<typeof DepositRequest> = {
  schema: DepositRequest,
  command: ({ asset = "USDC", amount }) => ({ operation: "deposit", asset, amount }),
};

const withdraw: WriteOptions<typeof WithdrawRequest> = {
  schema: WithdrawRequest,
  command: ({ asset = "USDC", amount, address }) => {
    return { operation: "withdraw", asset, amount, address };
  },
};

export const ROUTES: readonly Route[] = [
  write("faucet", "/api/register", "register", register),
  write("main", "/api/register", "register", register),
  write("faucet", "/api/claim", "claim", claim),
  write("main", "/api/claim", "claim", claim),
  write("main", "/api/v1/trade", "open", tradeV1),
  write("main", "/api/trade/open", "open", tradeOpen),
  write("main", "/api/trade", "open", tradeAsset),
  write("main", "/api/trade/close", "close", close),
  write("main", "/api/trade/close-all", "close-all", closeAll),
  write("main", "/api/v1/trade/close-all", "close-all", closeAll),
  write("main", "/api/orders", "place-order", placeOrder),
  write("main", "/api/orders/cancel", "cancel-order", cancelOrder),
  write("main", "/api/wallet/deposit", "deposit", deposit),
  write("main", "/api/wallet/withdraw", "withdraw", withdraw),
  read("main", "/api/orders", "orders"),
  read("main", "/api/orders/:id", "order"),
  read("main", "/api/wallet/balance", "balance", { render: oneChain }),
  read("main", "/api/v1/wallet/balance", "balance", { render: oneChain }),
  read("main", "/api/wallet/transactions", "transactions"),
  read("main", "/api/trade/positions", "positions"),
  read("main", "/api/v1/portfolio", "portfolio", { render: drawdownAs("drawdown_fraction") }),
  read("main", "/api/portfolio", "portfolio", { render: drawdownAs("drawdown_percent") }),
  read("main", "/api/market/prices", "prices", { open: true }),
  read("main", "/api/market/candles", "candles", { open: true }),
  read("main", "/api/status", "status", { open: true }),
  read("main", "/api/idempotency/:key", "idempotency"),
];

function write<Schema extends z.ZodType>(
  host: Host,
  path: string,
  operation: Command["operation"],
  { schema, command, aliases = {}, render, open = false }: WriteOptions<Schema>,
): WriteRoute {
  return {
    kind: "write",
    method: "POST",
    host,
    path,
    operation,
    aliases,
    open,
    command: (body) => command(parseBody(schema, body)),
    ...(render === undefined ? {} : { render }),
  };
}

function read(
  host: Host,
  path: string,
  operation: ReadOperation,
  more: Pick<ReadRoute, "render" | "open"> = {},
): ReadRoute {
  return { kind: "read", method: "GET", host, path, operation, ...more };
}

/** The caller's own spelling of the pair, beside the canonical `symbol`. */
function echo(body: Json, request: RawBody): Json {
  const { pair, asset } = request;
  return {
    ...body,
    ...(typeof pair === "string" ? { pair } : {}),
    ...(typeof asset === "string" ? { asset } : {}),
  };
}

/** `?chain=bitcoin` keeps one chain's balance; without it, or with `all`, all are shown. */
function oneChain(body: Json, url: URL): Json {
  const chain = url.searchParams.get("chain");
  const { balances } = body;
  if (chain === null || chain === "all" || !Array.isArray(balances)) return body;
  const isChain = (one: { readonly chain: string }): boolean => one.chain === chain;
  return { ...body, balances: balances.filter(isChain) };
}

/** One guide reads `drawdown_pct` as a fraction, the others as percent. */
function drawdownAs(field: string): (body: Json) => Json {
  return (body) => ({ ...body, drawdown_pct: body[field] });
}
