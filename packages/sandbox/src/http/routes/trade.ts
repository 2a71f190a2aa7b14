// Paths of trading: positions at market, and orders that may rest. The guides spell an opening in three ways.

import {
  CancelOrderRequest,
  CloseAllRequest,
  CloseAllResponse,
  CloseRequest,
  CloseResponse,
  OpenResponse,
  OrderResponse,
  OrderStatus,
  OrdersResponse,
  PlaceOrderRequest,
  PortfolioResponse,
  PositionsResponse,
  TradeAssetRequest,
  TradeOpenRequest,
  TradeV1Request,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../../command/command.ts";
import type { RawBody } from "../body.ts";
import { ProblemError } from "../problem.ts";
import { LimitQuery, lastPart, limitOf, queried } from "../query.ts";
import { type ReadOptions, type Route, type WriteOptions, read, write } from "../route.ts";
import { canonicalSymbol } from "../symbol.ts";

/** Leverage where a caller names none. */
const LEVERAGE_DEFAULT = 1;

const OrdersQuery = z.object({ status: OrderStatus.optional() });

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
  response: OpenResponse,
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
  response: OpenResponse,
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
  response: OpenResponse,
};

const close: WriteOptions<typeof CloseRequest> = {
  schema: CloseRequest,
  command: ({ position_id: positionId }) => ({ operation: "close", positionId }),
  response: CloseResponse,
};

const closeAll: WriteOptions<typeof CloseAllRequest> = {
  schema: CloseAllRequest,
  command: () => ({ operation: "close-all" }),
  response: CloseAllResponse,
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
  response: OrderResponse,
};

const cancelOrder: WriteOptions<typeof CancelOrderRequest> = {
  schema: CancelOrderRequest,
  command: ({ order_id: orderId }) => ({ operation: "cancel-order", orderId }),
  response: OrderResponse,
};

export const tradeRoutes: readonly Route[] = [
  write("main", "/api/v1/trade", "open", tradeV1),
  write("main", "/api/trade/open", "open", tradeOpen),
  write("main", "/api/trade", "open", tradeAsset),
  write("main", "/api/trade/close", "close", close),
  write("main", "/api/trade/close-all", "close-all", closeAll),
  write("main", "/api/v1/trade/close-all", "close-all", closeAll),
  write("main", "/api/orders", "place-order", placeOrder),
  write("main", "/api/orders/cancel", "cancel-order", cancelOrder),
  read("main", "/api/orders", "orders", {
    answer({ venue, agent, url }) {
      const { status } = queried(OrdersQuery, url);
      return { orders: venue.orders(agent, limitOf(url), status) };
    },
    query: OrdersQuery.extend(LimitQuery.shape),
    response: OrdersResponse,
  }),
  read("main", "/api/orders/:id", "order", {
    answer({ venue, agent, path }) {
      const id = lastPart(path);
      const order = venue.order(agent, id);
      if (order !== undefined) return { ...order };
      throw new ProblemError("unknown_order", `No order ${id} of this agent.`);
    },
    response: OrderResponse,
  }),
  read("main", "/api/trade/positions", "positions", {
    answer: ({ venue, agent }) => ({ positions: venue.positions(agent) }),
    response: PositionsResponse,
  }),
  read("main", "/api/v1/portfolio", "portfolio", portfolioWith("drawdown_fraction")),
  read("main", "/api/portfolio", "portfolio", portfolioWith("drawdown_percent")),
];

/** The caller's own spelling of the pair, beside the canonical `symbol`. */
function echo(body: Json, request: RawBody): Json {
  const { pair, asset } = request;
  return {
    ...body,
    ...(typeof pair === "string" ? { pair } : {}),
    ...(typeof asset === "string" ? { asset } : {}),
  };
}

/** One guide reads `drawdown_pct` as a fraction, the others as percent. */
function portfolioWith(field: string): ReadOptions {
  return {
    answer: ({ venue, agent }) => ({ ...venue.portfolio(agent) }),
    render: (body) => ({ ...body, drawdown_pct: body[field] }),
    response: PortfolioResponse,
  };
}
