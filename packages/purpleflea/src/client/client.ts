// The typed client: one spelling, money exact, and a key on every write. The raw client's types demand the
// key; inside an activity `a.use(purpleFlea)` fills it in.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import { type VenuePaths, type VenueProfile, paperProfile } from "../profile.ts";
import {
  BalanceResponse,
  type CandleInterval,
  CandlesResponse,
  ClaimResponse,
  CloseAllResponse,
  CloseResponse,
  IdempotencyResponse,
  OpenResponse,
  OrderResponse,
  type OrderStatus,
  OrdersResponse,
  PortfolioResponse,
  PositionsResponse,
  PricesResponse,
  RegisterResponse,
  StatusResponse,
  TransactionsResponse,
  WalletTransferResponse,
} from "../wire/index.ts";
import type { ApiKey } from "./api-key.ts";
import { Http, type ReadMark, type WriteMark } from "./http.ts";

export interface PurpleFleaOptions {
  readonly baseUrl: string;
  readonly apiKey?: ApiKey;
  /** Default: the paper venue's. */
  readonly profile?: VenueProfile;
  /** Live keys are refused unless this says "live". Default "paper". */
  readonly mode?: "paper" | "live";
  /** Of one request, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

export interface OpenOrder {
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly sizeUsd: Usdc;
  readonly leverage?: number | undefined;
}

/** An order that may rest. Its size is either `sizeUsd` or `quantity`, a decimal in units of the asset. */
export interface PlacedOrder {
  readonly symbol: string;
  /** Long buys, short sells. */
  readonly side: "long" | "short";
  readonly type: "market" | "limit" | "stop" | "take_profit";
  readonly sizeUsd?: Usdc | undefined;
  readonly quantity?: string | undefined;
  /** Of a limit order: the worst price that it takes. */
  readonly limitPrice?: Usdc | undefined;
  /** Of a stop or a take-profit: the mark at which it goes to market. */
  readonly triggerPrice?: Usdc | undefined;
  readonly leverage?: number | undefined;
  readonly reduceOnly?: boolean | undefined;
  /** The one position that it may reduce. */
  readonly positionId?: string | undefined;
  readonly timeInForce?: "gtc" | "ioc" | undefined;
}

export interface CandleRequest {
  readonly symbol: string;
  /** Default "1m". */
  readonly interval?: CandleInterval | undefined;
  /** Milliseconds since the epoch: the first candle begins then or later. */
  readonly since?: number | undefined;
  /** None ends later. */
  readonly until?: number | undefined;
  /** Default 100, at most 1,000. */
  readonly limit?: number | undefined;
}

/** Paper money, in USDC or in a decimal of BTC. */
export type WalletAmount =
  | { readonly asset?: "USDC" | undefined; readonly amount: Usdc }
  | { readonly asset: "BTC"; readonly amount: string };

/** The raw client: writes take `{ key, ref?, signal? }`. */
export interface PurpleFlea {
  readonly profile: VenueProfile;
  readonly faucet: {
    register(
      agent: { readonly name: string; readonly description?: string | undefined },
      mark: WriteMark,
    ): Promise<z.output<typeof RegisterResponse>>;
    claim(mark: WriteMark): Promise<z.output<typeof ClaimResponse>>;
  };
  readonly wallet: {
    balance(mark?: ReadMark): Promise<z.output<typeof BalanceResponse>>;
    transactions(
      options?: { readonly limit?: number },
      mark?: ReadMark,
    ): Promise<z.output<typeof TransactionsResponse>["transactions"]>;
    deposit(
      amount: WalletAmount,
      mark: WriteMark,
    ): Promise<z.output<typeof WalletTransferResponse>>;
    withdraw(
      amount: WalletAmount & { readonly address?: string | undefined },
      mark: WriteMark,
    ): Promise<z.output<typeof WalletTransferResponse>>;
  };
  readonly trade: {
    open(order: OpenOrder, mark: WriteMark): Promise<z.output<typeof OpenResponse>>;
    close(positionId: string, mark: WriteMark): Promise<z.output<typeof CloseResponse>>;
    closeAll(mark: WriteMark): Promise<z.output<typeof CloseAllResponse>>;
    positions(mark?: ReadMark): Promise<z.output<typeof PositionsResponse>["positions"]>;
  };
  readonly orders: {
    place(order: PlacedOrder, mark: WriteMark): Promise<z.output<typeof OrderResponse>>;
    cancel(orderId: string, mark: WriteMark): Promise<z.output<typeof OrderResponse>>;
    get(orderId: string, mark?: ReadMark): Promise<z.output<typeof OrderResponse>>;
    /** Newest first. */
    list(
      options?: { readonly status?: OrderStatus | undefined; readonly limit?: number },
      mark?: ReadMark,
    ): Promise<z.output<typeof OrdersResponse>["orders"]>;
  };
  readonly market: {
    prices(mark?: ReadMark): Promise<z.output<typeof PricesResponse>["pairs"]>;
    /** Candles that are over, oldest first. */
    candles(
      request: CandleRequest,
      mark?: ReadMark,
    ): Promise<z.output<typeof CandlesResponse>["candles"]>;
  };
  readonly idempotency: {
    get(key: string, mark?: ReadMark): Promise<z.output<typeof IdempotencyResponse>>;
  };
  portfolio(mark?: ReadMark): Promise<z.output<typeof PortfolioResponse>>;
  status(mark?: ReadMark): Promise<z.output<typeof StatusResponse>>;
}

/**
 * A client of the Purple Flea API.
 *
 * @throws HF-VENUE-… as failures with class, disposition and outcome; PF-INSUFFICIENT-FUNDS; HF-LIVE-KEY
 * @example
 * const client = createPurpleFlea({ baseUrl: "http://127.0.0.1:4100", apiKey: "pf_test_…" });
 * await client.trade.open({ symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25") }, { key: "dca-btc/17" });
 */
export function createPurpleFlea(options: PurpleFleaOptions): PurpleFlea {
  const profile = options.profile ?? paperProfile;
  const { paths } = profile;
  const http = new Http({
    baseUrl: options.baseUrl.replace(/\/$/u, ""),
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    refusedKeyPrefixes: options.mode === "live" ? [] : profile.liveKeyPrefixes,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  return {
    profile,
    faucet: {
      register: ({ name, description = "" }, mark) =>
        http.write(paths.register, { name, description }, RegisterResponse, mark),
      claim: (mark) => http.write(paths.claim, {}, ClaimResponse, mark),
    },
    wallet: walletOf(http, paths),
    trade: tradeOf(http, paths),
    orders: ordersOf(http, paths),
    market: {
      prices: async (mark) => (await http.read(paths.prices, PricesResponse, mark)).pairs,
      candles: async (request, mark) =>
        (await http.read(`${paths.candles}${query(request)}`, CandlesResponse, mark)).candles,
    },
    idempotency: {
      get: (key, mark) =>
        http.read(`${paths.idempotency}${encodeURIComponent(key)}`, IdempotencyResponse, mark),
    },
    portfolio: (mark) => http.read(paths.portfolio, PortfolioResponse, mark),
    status: (mark) => http.read(paths.status, StatusResponse, mark),
  };
}

function walletOf(http: Http, paths: VenuePaths): PurpleFlea["wallet"] {
  const amountOf = ({ asset, amount }: WalletAmount): object =>
    asset === "BTC" ? { asset, amount } : { amount: formatUsdc(amount) };
  return {
    balance: (mark) => http.read(paths.balance, BalanceResponse, mark),
    transactions: async ({ limit = 50 } = {}, mark) =>
      (await http.read(`${paths.transactions}?limit=${limit}`, TransactionsResponse, mark))
        .transactions,
    deposit: (amount, mark) =>
      http.write(paths.deposit, { ...amountOf(amount) }, WalletTransferResponse, mark),
    withdraw: ({ address, ...amount }, mark) =>
      http.write(paths.withdraw, { ...amountOf(amount), address }, WalletTransferResponse, mark),
  };
}

function tradeOf(http: Http, paths: VenuePaths): PurpleFlea["trade"] {
  return {
    open: ({ symbol, side, sizeUsd, leverage }, mark) =>
      http.write(
        paths.open,
        { symbol, side, size: formatUsdc(sizeUsd), leverage },
        OpenResponse,
        mark,
      ),
    close: (positionId, mark) =>
      http.write(paths.close, { position_id: positionId }, CloseResponse, mark),
    closeAll: (mark) => http.write(paths.closeAll, {}, CloseAllResponse, mark),
    positions: async (mark) =>
      (await http.read(paths.positions, PositionsResponse, mark)).positions,
  };
}

function ordersOf(http: Http, paths: VenuePaths): PurpleFlea["orders"] {
  const price = (amount: Usdc | undefined): string | undefined =>
    amount === undefined ? undefined : formatUsdc(amount);
  return {
    place: ({ symbol, side, type, quantity, leverage, ...order }, mark) => {
      const body = {
        symbol,
        side,
        type,
        size: price(order.sizeUsd),
        quantity,
        limit_price: price(order.limitPrice),
        trigger_price: price(order.triggerPrice),
        leverage,
        reduce_only: order.reduceOnly,
        position_id: order.positionId,
        time_in_force: order.timeInForce,
      };
      return http.write(paths.orders, body, OrderResponse, mark);
    },
    cancel: (orderId, mark) =>
      http.write(paths.cancelOrder, { order_id: orderId }, OrderResponse, mark),
    get: (orderId, mark) =>
      http.read(`${paths.orders}/${encodeURIComponent(orderId)}`, OrderResponse, mark),
    list: async (options = {}, mark) =>
      (await http.read(`${paths.orders}${query(options)}`, OrdersResponse, mark)).orders,
  };
}

/** What is asked for after the question mark; what is undefined is left out. */
function query(values: object): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) asked.set(name, String(value));
  }
  return `?${asked.toString()}`;
}
