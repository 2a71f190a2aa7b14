// One request to the venue: headers, time-out, error classes, answers parsed by schema.

import { parseWith } from "@holdfast/core";
import type { z } from "zod";
import { type ApiKey, findKey, withoutKey } from "./api-key.ts";
import { type RequestFacts, statusFailure, transportFailure, unreadable } from "./failure.ts";
import { nextDueMs, quotaResetMs, retryAfterMs } from "./retry-after.ts";
import { timer } from "./timer.ts";

export interface HttpOptions {
  /** "https://purpleflea.com", without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey?: ApiKey;
  /** Prefixes of keys that are refused: those that move real money, unless the mode is live. */
  readonly refusedKeyPrefixes: readonly string[];
  /** Time-out of one request in milliseconds. Default 30 s; the attempt's own signal ends it earlier. */
  readonly timeoutMs?: number;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Bases of further hosts, by the name with which a path begins: `/@faucet/api/claim`. */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
  /** Error codes after which a write may have happened, whatever the status. */
  readonly doubtful?: ReadonlySet<string> | undefined;
}

export interface ReadMark {
  readonly signal?: AbortSignal | undefined;
  /** Told, before the answer is given, that it used up a quota: in how many milliseconds the next request is due. */
  readonly onUsedUp?: ((dueMs: number) => void) | undefined;
}

export interface WriteMark extends ReadMark {
  readonly key: string;
  readonly ref?: string | undefined;
  /** Told where the answer is that of an earlier request with this key. */
  readonly onReplayed?: (() => void) | undefined;
}

/** An answer as it came; its numbers also as the text of their digits. */
export interface Answer {
  readonly body: unknown;
  readonly digits: unknown;
  /** True where the venue had answered the same key before. */
  readonly replayed: boolean;
}

/** Brings an answer to the client's spelling. */
export type Translate = (answer: Answer) => unknown;

const REQUEST_TIMEOUT_MS = 30_000;

export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  async read<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    mark: ReadMark = {},
    translate: Translate = plain,
  ): Promise<z.output<Schema>> {
    const request = { method: "GET", path, write: false } as const;
    const answer = await this.#send(request, undefined, {}, mark);
    return this.#parse(request, schema, answer, translate);
  }

  async write<Schema extends z.ZodType>(
    path: string,
    payload: Readonly<Record<string, unknown>>,
    schema: Schema,
    mark: WriteMark,
    translate: Translate = plain,
  ): Promise<z.output<Schema>> {
    const request = { method: "POST", path, write: true } as const;
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "idempotency-key": mark.key,
      ...(mark.ref === undefined ? {} : { "x-holdfast-ref": encodeURIComponent(mark.ref) }),
    };
    const answer = await this.#send(request, JSON.stringify(payload), headers, mark);
    if (answer.replayed) mark.onReplayed?.();
    return this.#parse(request, schema, answer, translate);
  }

  #parse<Schema extends z.ZodType>(
    request: RequestFacts,
    schema: Schema,
    answer: Answer,
    translate: Translate,
  ): z.output<Schema> {
    try {
      return parseWith(schema, translate(answer), "the venue's answer");
    } catch (error) {
      throw unreadable(
        request,
        error instanceof Error ? error.message : "it does not fit its schema",
      );
    }
  }

  async #send(
    request: RequestFacts,
    payload: string | undefined,
    headers: Readonly<Record<string, string>>,
    { signal, onUsedUp }: ReadMark,
  ): Promise<Answer> {
    const { apiKey, refusedKeyPrefixes, doubtful, timeoutMs = REQUEST_TIMEOUT_MS } = this.#options;
    const key = await findKey(apiKey, refusedKeyPrefixes);
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    let response: Response;
    let text: string;
    try {
      ({ response, text } = await fetched(
        this.#options.fetch ?? fetch,
        this.#urlOf(request.path),
        {
          method: request.method,
          headers: { accept: "application/json", ...headers, ...authorization },
          ...(payload === undefined ? {} : { body: payload }),
          redirect: "error",
        },
        { signal, timeoutMs },
      ));
    } catch (error) {
      throw transportFailure(request, error);
    }
    const dueMs = dueOf(response);
    if (dueMs !== undefined) onUsedUp?.(dueMs);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      if (response.ok) throw unreadable(request, "it is not JSON");
      body = {};
    }
    const duplicate = isDuplicate(response.status, body);
    if (response.ok || duplicate) {
      return {
        body,
        replayed: duplicate || response.headers.get("idempotent-replayed") === "true",
        get digits() {
          return JSON.parse(text, digitsOf) as unknown;
        },
      };
    }
    throw statusFailure(
      request,
      response.status,
      asRecord(JSON.parse(withoutKey(JSON.stringify(body), key))),
      { retryAfterMs: wishOf(response), doubtful },
    );
  }

  #urlOf(path: string): string {
    const { baseUrl, hosts = {} } = this.#options;
    const [, name = "", rest = ""] = /^\/@([a-z]+)(\/.*)$/u.exec(path) ?? [];
    const host = hosts[name];
    return host === undefined ? `${baseUrl}${path}` : `${host}${rest}`;
  }
}

/** How long the answer asks to wait; one of too many requests may say it by its quota alone. */
function wishOf({ status, headers }: Response): number | undefined {
  return retryAfterMs(headers) ?? (status === 429 ? quotaResetMs(headers) : undefined);
}

/** Whether an answer used up the quota; one of too many requests says how long to wait, and needs no such reading. */
function dueOf({ status, headers }: Response): number | undefined {
  return status === 429 ? undefined : nextDueMs(headers);
}

const plain: Translate = ({ body }) => body;

/** Keeps a number's digits as they were sent. */
function digitsOf(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? (context?.source ?? String(value)) : value;
}

/** One request with a time-out of its own, which leaves nothing behind once the answer is there. */
async function fetched(
  send: typeof fetch,
  url: string,
  init: RequestInit,
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<{ readonly response: Response; readonly text: string }> {
  const own = new AbortController();
  const stop = timer(timeoutMs, () => {
    own.abort(new DOMException("The request took too long.", "TimeoutError"));
  });
  const abort = (): void => {
    own.abort(signal?.reason);
  };
  if (signal?.aborted === true) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await send(url, { ...init, signal: own.signal });
    return { response, text: await response.text() };
  } finally {
    stop();
    signal?.removeEventListener("abort", abort);
  }
}

/** In one dialect a repetition is answered 409 with the original result: that is success. */
function isDuplicate(status: number, body: unknown): boolean {
  return status === 409 && asRecord(body)["duplicate"] === true;
}

function asRecord(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
}
