// The typed client: one spelling, money exact, and a key on every write. The raw client's types demand the
// key; inside an activity `a.use(purpleFlea)` fills it in.

import type { z } from "zod";
import { type VenueProfile, paperProfile } from "../profile.ts";
import { IdempotencyResponse } from "../wire/index.ts";
import type { ApiKey } from "./api-key.ts";
import type { Asked, Records } from "../profile/dialect.ts";
import type { Calls } from "./calls.ts";
import { unsupported } from "./failure.ts";
import { type Groups, groupsOf } from "./group/groups.ts";
import { type Answer, Http, type ReadMark } from "./http.ts";

export interface PurpleFleaOptions {
  readonly baseUrl: string;
  readonly apiKey?: ApiKey;
  /** Default: the paper venue's. */
  readonly profile?: VenueProfile;
  /** Live keys are refused unless this says "live". Default "paper". */
  readonly mode?: "paper" | "live";
  /** Of one request, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number;
  /** The caller's agent id at the venue, where it asks for it. */
  readonly agentId?: string | undefined;
  /** Bases of the venue's further hosts. Default: the profile's own, where `baseUrl` is its own. */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/** What an account's own records say, where the venue has none but these to tell what a write did. */
export type ReadRecords = (mark?: ReadMark) => Promise<Records>;

/** The raw client: writes take `{ key, ref?, signal? }`. */
export interface PurpleFlea extends Groups {
  readonly profile: VenueProfile;
  /** What the methods are made of. */
  readonly calls: Calls;
  /** @throws HF-VENUE-UNSUPPORTED where the venue has none */
  readonly records: ReadRecords;
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
  const baseUrl = options.baseUrl.replace(/\/$/u, "");
  const { mode, apiKey, timeoutMs, agentId, fetch: send } = options;
  const http = new Http({
    baseUrl,
    hosts: options.hosts ?? (baseUrl === profile.baseUrl ? profile.hosts : undefined),
    doubtful: profile.dialect?.doubtful,
    ...(apiKey === undefined ? {} : { apiKey }),
    refusedKeyPrefixes: mode === "live" ? [] : profile.liveKeyPrefixes,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(send === undefined ? {} : { fetch: send }),
  });
  const calls = callsOf(http, profile, agentId);
  return {
    profile,
    calls,
    ...groupsOf(calls),
    // An async function: a venue without records rejects.
    records: async (mark) => recordsOf(http, profile, mark),
    idempotency: {
      get(key, mark) {
        const path = `${profile.paths.idempotency}${encodeURIComponent(key)}`;
        return calls.read({ operation: "idempotency", path, answer: IdempotencyResponse }, mark);
      },
    },
  };
}

/** Calls in the profile's spelling. */
function callsOf(http: Http, profile: VenueProfile, agentId: string | undefined): Calls {
  const { dialect } = profile;
  const spelled = (
    { operation, path }: { readonly operation: string; readonly path: string },
    body: Asked["body"],
  ) => {
    if (dialect === undefined) return { path, body, translate: undefined };
    const call = dialect.call(operation);
    if (call === undefined) throw unsupported(profile.name, operation);
    const asked: Asked = { path, body, agentId };
    return {
      path: call.path(asked),
      body: call.body?.(asked) ?? body,
      translate: (answer: Answer) => call.answer(answer, asked),
    };
  };
  return {
    profile,
    async read(call, mark) {
      const { path, translate } = spelled(call, {});
      return http.read(path, call.answer, mark, translate);
    },
    async write(call, mark) {
      if (mark === undefined) throw new TypeError(`Cannot ${call.what} without a key.`);
      const { path, body, translate } = spelled(call, call.body);
      return http.write(path, body, call.answer, mark, translate);
    },
  };
}

function recordsOf(
  http: Http,
  { name, dialect }: VenueProfile,
  mark: ReadMark | undefined,
): Promise<Records> {
  if (dialect?.records === undefined) throw unsupported(name, "records");
  return dialect.records((path, schema) => http.read(path, schema, mark, ({ digits }) => digits));
}
