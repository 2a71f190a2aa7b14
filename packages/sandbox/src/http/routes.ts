// The table of paths: which operation a request means, in which dialect, and how its body becomes a command.
// Other hosts of the published guides are reached by Host header or by a prefix such as /@faucet.

import {
  CloseAllRequest,
  CloseRequest,
  RegisterRequest,
  TradeAssetRequest,
  TradeOpenRequest,
  TradeV1Request,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Command, Json } from "../command/command.ts";
import { canonicalSymbol } from "./symbol.ts";

export type Host = "main" | "faucet";

/** Keys and names that a body may carry. */
export interface Carried {
  readonly client_request_id?: string | undefined;
  readonly idempotency_key?: string | undefined;
  readonly ref?: string | undefined;
}

export interface WriteRoute {
  readonly kind: "write";
  readonly operation: Command["operation"];
  readonly schema: z.ZodType;
  readonly command: (body: never) => Command;
  /** Adds what this dialect's callers read. */
  readonly render?: (body: Json, request: Json) => Json;
  /** No API key needed. */
  readonly open?: boolean;
}

export interface ReadRoute {
  readonly kind: "read";
  readonly operation: "balance" | "transactions" | "positions" | "portfolio" | "prices" | "status" | "idempotency";
  readonly render?: (body: Json) => Json;
  readonly open?: boolean;
}

export type Route = (WriteRoute | ReadRoute) & { readonly method: "GET" | "POST"; readonly host: Host; readonly path: RegExp };

/** Leverage where a caller names none. */
const LEVERAGE = 1;

const Carriers = z.object({
  client_request_id: z.string().min(1).max(255).optional(),
  idempotency_key: z.string().min(1).max(255).optional(),
  ref: z.string().min(1).max(255).optional(),
});

function write<Schema extends z.ZodType>(
  host: Host,
  path: RegExp,
  operation: Command["operation"],
  schema: Schema,
  command: (body: z.output<Schema>) => Command,
  more: Pick<WriteRoute, "render" | "open"> = {},
): Route {
  return { kind: "write", method: "POST", host, path, operation, schema, command: command as WriteRoute["command"], ...more };
}

function read(host: Host, path: RegExp, operation: ReadRoute["operation"], more: Pick<ReadRoute, "render" | "open"> = {}): Route {
  return { kind: "read", method: "GET", host, path, operation, ...more };
}

const register = [RegisterRequest, (body: z.output<typeof RegisterRequest>): Command => ({ operation: "register", ...body }), { open: true }] as const;
const claim = [Carriers, (): Command => ({ operation: "claim" })] as const;

export const ROUTES: readonly Route[] = [
  write("faucet", /^\/api\/register$/u, "register", ...register),
  write("main", /^\/(?:faucet\/)?api\/register$/u, "register", ...register),
  write("faucet", /^\/api\/claim$/u, "claim", ...claim),
  write("main", /^\/(?:faucet\/)?api\/claim$/u, "claim", ...claim),
  write("main", /^\/api\/v1\/trade$/u, "open", TradeV1Request, (body) => ({
    operation: "open",
    symbol: canonicalSymbol(body.symbol),
    side: body.side,
    size: { kind: "value", amount: body.size },
    leverage: body.leverage ?? LEVERAGE,
  })),
  write("main", /^\/api\/trade\/open$/u, "open", TradeOpenRequest, (body) => ({
    operation: "open",
    symbol: canonicalSymbol(body.pair),
    side: body.direction,
    size: { kind: "value", amount: body.size_usdc },
    leverage: body.leverage ?? LEVERAGE,
  }), { render: (body, request) => ({ ...body, pair: request["pair"] }) }),
  write("main", /^\/api\/trade$/u, "open", TradeAssetRequest, (body) => ({
    operation: "open",
    symbol: canonicalSymbol(body.asset),
    side: body.side ?? body.direction ?? "long",
    size: { kind: "quantity", quantity: BigInt(Math.round(body.size * 100_000_000)) },
    leverage: body.leverage ?? LEVERAGE,
  }), { render: (body, request) => ({ ...body, asset: request["asset"] }) }),
  write("main", /^\/api\/trade\/close$/u, "close", CloseRequest, (body) => ({ operation: "close", positionId: body.position_id })),
  write("main", /^\/api\/(?:v1\/)?trade\/close-all$/u, "close-all", CloseAllRequest, () => ({ operation: "close-all" })),
  read("main", /^\/api\/v1\/wallet\/balance$/u, "balance", {
    render: (body) => ({
      ...body,
      balances: [
        { chain: "usdc", balance: body["usdc"], usd: body["usdc"] },
        { chain: "btc", balance: body["btc"], usd: 0 },
      ],
    }),
  }),
  read("main", /^\/api\/wallet\/balance$/u, "balance"),
  read("main", /^\/api\/wallet\/transactions$/u, "transactions"),
  read("main", /^\/api\/trade\/positions$/u, "positions"),
  read("main", /^\/api\/v1\/portfolio$/u, "portfolio", {
    render: (body) => ({ ...body, drawdown_pct: body["drawdown_fraction"] }),
  }),
  read("main", /^\/api\/portfolio$/u, "portfolio", {
    render: (body) => ({ ...body, drawdown_pct: body["drawdown_percent"] }),
  }),
  read("main", /^\/api\/market\/prices$/u, "prices", { open: true }),
  read("main", /^\/api\/status$/u, "status", { open: true }),
  read("main", /^\/api\/idempotency\/[^/]+$/u, "idempotency"),
];

/** The host that a request means, and its path without a prefix. */
export function place(hostHeader: string, path: string): { readonly host: Host; readonly path: string } {
  const prefix = /^\/@(faucet|main)(\/.*)$/u.exec(path);
  if (prefix !== null) return { host: prefix[1] as Host, path: prefix[2] ?? "/" };
  return { host: hostHeader.startsWith("faucet.") ? "faucet" : "main", path };
}
