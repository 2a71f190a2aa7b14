// Errors as problem documents (RFC 9457), media type application/problem+json. Programs read `code`, which is
// stable; `detail` is for people and may change.

import { z } from "zod";

export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  code: z.string(),
});

export type Problem = z.output<typeof Problem>;

/** Codes of the paper venue, each with the status it comes with. They never change their meaning. */
export const PROBLEM_CODES = {
  malformed_json: 400,
  malformed_body: 400,
  malformed_path: 400,
  malformed_request: 400,
  key_conflict: 400,
  ref_conflict: 400,
  missing_key: 400,
  missing_api_key: 401,
  unknown_api_key: 401,
  live_key_refused: 401,
  revoked_api_key: 401,
  expired_api_key: 401,
  missing_token: 401,
  insufficient_funds: 402,
  agent_mismatch: 403,
  foreign_host: 403,
  missing_scope: 403,
  unknown_path: 404,
  unknown_position: 404,
  unknown_order: 404,
  unknown_key: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  position_closed: 409,
  order_ended: 409,
  nothing_to_reduce: 409,
  idempotency_in_flight: 409,
  clock_not_frozen: 409,
  clock_backwards: 409,
  last_api_key: 409,
  api_key_revoked: 409,
  body_too_large: 413,
  unsupported_encoding: 415,
  unsupported_expectation: 417,
  invalid_request: 422,
  idempotency_mismatch: 422,
  unknown_symbol: 422,
  leverage_too_high: 422,
  size_too_small: 422,
  size_too_large: 422,
  too_many_orders: 422,
  too_many_api_keys: 422,
  faucet_claimed: 429,
  rate_limited: 429,
  headers_too_large: 431,
  internal: 500,
  fault_injected: 503,
  idempotency_wait: 503,
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;
