// The typed client: one spelling, money exact, and a key on every write. The raw client's types demand the
// key; inside an activity `a.use(purpleFlea)` fills it in.

import type { z } from "zod";
import { type VenueProfile, paperProfile } from "../profile.ts";
import { IdempotencyResponse } from "../wire/index.ts";
import type { ApiKey } from "./api-key.ts";
import type { Calls } from "./calls.ts";
import { type Groups, groupsOf } from "./group/groups.ts";
import { Http, type ReadMark } from "./http.ts";

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

/** The raw client: writes take `{ key, ref?, signal? }`. */
export interface PurpleFlea extends Groups {
  readonly profile: VenueProfile;
  /** What the methods are made of. */
  readonly calls: Calls;
  readonly idempotency: {
    /** What became of the write under a key. */
    get(key: string, mark?: ReadMark): Promise<z.output<typeof IdempotencyResponse>>;
  };
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
  const http = new Http({
    baseUrl: options.baseUrl.replace(/\/$/u, ""),
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    refusedKeyPrefixes: options.mode === "live" ? [] : profile.liveKeyPrefixes,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  const calls: Calls = {
    profile,
    read: (call, mark) => http.read(call.path, call.answer, mark),
    async write(call, mark) {
      if (mark === undefined) throw new TypeError(`Cannot ${call.what} without a key.`);
      return http.write(call.path, call.body, call.answer, mark);
    },
  };
  return {
    profile,
    calls,
    ...groupsOf(calls),
    idempotency: {
      get(key, mark) {
        const path = `${profile.paths.idempotency}${encodeURIComponent(key)}`;
        return calls.read({ operation: "idempotency", path, answer: IdempotencyResponse }, mark);
      },
    },
  };
}
