// The typed client: one spelling, money exact, and a key on every write. The raw client's types demand the
// key; inside an activity `a.use(purpleFlea)` fills it in.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import { type VenueProfile, paperProfile } from "../profile.ts";
import {
  BalanceResponse,
  ClaimResponse,
  CloseAllResponse,
  CloseResponse,
  IdempotencyResponse,
  OpenResponse,
  PortfolioResponse,
  PositionsResponse,
  PricesResponse,
  RegisterResponse,
  StatusResponse,
  TransactionsResponse,
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
  };
  readonly trade: {
    open(order: OpenOrder, mark: WriteMark): Promise<z.output<typeof OpenResponse>>;
    close(positionId: string, mark: WriteMark): Promise<z.output<typeof CloseResponse>>;
    closeAll(mark: WriteMark): Promise<z.output<typeof CloseAllResponse>>;
    positions(mark?: ReadMark): Promise<z.output<typeof PositionsResponse>["positions"]>;
  };
  readonly market: { prices(mark?: ReadMark): Promise<z.output<typeof PricesResponse>["pairs"]> };
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
    wallet: {
      balance: (mark) => http.read(paths.balance, BalanceResponse, mark),
      transactions: async ({ limit = 50 } = {}, mark) =>
        (await http.read(`${paths.transactions}?limit=${limit}`, TransactionsResponse, mark))
          .transactions,
    },
    trade: {
      open: ({ symbol, side, sizeUsd, leverage }, mark) =>
        http.write(
          paths.open,
          {
            symbol,
            side,
            size: formatUsdc(sizeUsd),
            ...(leverage === undefined ? {} : { leverage }),
          },
          OpenResponse,
          mark,
        ),
      close: (positionId, mark) =>
        http.write(paths.close, { position_id: positionId }, CloseResponse, mark),
      closeAll: (mark) => http.write(paths.closeAll, {}, CloseAllResponse, mark),
      positions: async (mark) =>
        (await http.read(paths.positions, PositionsResponse, mark)).positions,
    },
    market: { prices: async (mark) => (await http.read(paths.prices, PricesResponse, mark)).pairs },
    idempotency: {
      get: (key, mark) =>
        http.read(`${paths.idempotency}${encodeURIComponent(key)}`, IdempotencyResponse, mark),
    },
    portfolio: (mark) => http.read(paths.portfolio, PortfolioResponse, mark),
    status: (mark) => http.read(paths.status, StatusResponse, mark),
  };
}
