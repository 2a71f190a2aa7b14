// The public servers' dialect of March 2026: a host for each service, `{error, message}` for errors, amounts as JSON
// numbers, no keys. Of their servers only what the client calls is played. Each position is one of its own here;
// the exchange behind the real servers nets them, which is what `/v1/trade/positions` shows.

import { type Fields, type Front, FrontProblem, type FrontRequest } from "./dialect.ts";
import { closed, fills, held, opened, prices, records, worth } from "./public-view.ts";

/** Leverage where a caller names none. */
const LEVERAGE_DEFAULT = 5;
/** Most that is listed. */
const FILLS_MAX = 200;
const FILLS_DEFAULT = 50;

function invalid(error: string, message: string): FrontProblem {
  return new FrontProblem(400, error, message);
}

function order({ body }: FrontRequest): Fields {
  const { coin, side, size_usd: size, leverage } = body;
  if (typeof coin !== "string" || coin === "") throw invalid("invalid_request", "Provide coin.");
  if (typeof size !== "number" || !Number.isFinite(size) || size <= 0) {
    throw invalid("invalid_size", "size_usd must be a positive number");
  }
  if (side !== "long" && side !== "short") throw invalid("invalid_side", "side: long or short");
  if (leverage !== undefined && (typeof leverage !== "number" || !(leverage >= 1))) {
    throw invalid("invalid_leverage", "leverage must be a number >= 1");
  }
  return { symbol: coin, side, size, leverage: leverage ?? LEVERAGE_DEFAULT };
}

function position({ body }: FrontRequest): Fields {
  const { position_id: id } = body;
  if (typeof id === "string" && id !== "") return { position_id: id };
  throw invalid("invalid_request", "Provide position_id.");
}

function listed({ url }: FrontRequest): number {
  const asked = Number(url.searchParams.get("limit") ?? FILLS_DEFAULT);
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, FILLS_MAX) : FILLS_DEFAULT;
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** What the exchange refuses is `trade_failed`, which is also said of what failed after it had filled. */
function problem(status: number, inner: Fields, path: string): FrontProblem {
  const code = textOf(inner["code"], "error");
  const message = textOf(inner["detail"], "");
  if (status >= 500 || status === 429) {
    return new FrontProblem(status, status === 429 ? "rate_limited" : "internal_error", message);
  }
  if (status === 401 || status === 403) return new FrontProblem(status, "unauthorized", message);
  if (code === "unknown_position" || code === "position_closed") {
    return new FrontProblem(404, "position_not_found", message);
  }
  if (code === "faucet_claimed") return new FrontProblem(409, "already_claimed", message);
  if (path === "/v1/trade/open") return new FrontProblem(400, "trade_failed", message);
  return new FrontProblem(status === 404 ? 404 : 400, code, message);
}

const POSITIONS = "/api/trade/positions";

export const publicFront: Front = {
  hosts: ["trading", "casino", "faucet", "escrow", "domains", "wallet"],
  problem,
  routes: [
    {
      method: "POST",
      host: "trading",
      path: "/v1/auth/register",
      inner: "/api/register",
      request: () => ({ name: "public", description: "" }),
      answer: ({ agent_id: agentId, api_key: apiKey }) => ({
        agent_id: agentId,
        api_key: apiKey,
        tier: "free",
      }),
    },
    {
      method: "POST",
      host: "trading",
      path: "/v1/trade/open",
      inner: "/api/v1/trade",
      request: order,
      answer: opened,
    },
    {
      method: "POST",
      host: "trading",
      path: "/v1/trade/close",
      inner: "/api/trade/close",
      request: position,
      answer: closed,
    },
    {
      method: "GET",
      host: "trading",
      path: "/v1/trade/positions",
      inner: POSITIONS,
      answer: (_inner, request) =>
        request.url.searchParams.get("status") === "all" ? records(request) : held(request),
    },
    {
      method: "GET",
      host: "trading",
      path: "/v1/trade/history",
      inner: POSITIONS,
      answer: (_inner, request) => fills(request, listed(request)),
    },
    {
      method: "GET",
      host: "trading",
      path: "/v1/trade/portfolio",
      inner: "/api/portfolio",
      answer: worth,
    },
    {
      method: "GET",
      host: "trading",
      path: "/v1/markets/multi-price",
      inner: "/api/market/prices",
      answer: prices,
    },
    {
      method: "POST",
      host: "faucet",
      path: "/faucet/claim",
      inner: "/api/claim",
      answer: ({ amount, tx_hash: hash }) => ({ credited: amount, claim_id: hash }),
    },
    {
      method: "GET",
      host: "casino",
      path: "/api/v1/auth/balance",
      inner: "/api/wallet/balance",
      answer: ({ agent_id: agentId, usdc }) => ({
        agent_id: agentId,
        balance_usd: usdc,
        tier: "free",
      }),
    },
  ],
};
