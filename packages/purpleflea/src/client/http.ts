// One request to the venue: headers, time-out, error classes, answers parsed by schema.

import { parseWith } from "@holdfast/core";
import type { z } from "zod";
import { type ApiKey, findKey, withoutKey } from "./api-key.ts";
import { type RequestFacts, statusFailure, transportFailure, unreadable } from "./failure.ts";
import { retryAfterMs } from "./retry-after.ts";

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
}

export interface WriteMark {
  readonly key: string;
  readonly ref?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadMark {
  readonly signal?: AbortSignal | undefined;
}

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
  ): Promise<z.output<Schema>> {
    const request = { method: "GET", path, write: false } as const;
    const { body } = await this.#send(request, undefined, {}, mark.signal);
    return this.#parse(request, schema, body);
  }

  async write<Schema extends z.ZodType>(
    path: string,
    payload: Readonly<Record<string, unknown>>,
    schema: Schema,
    mark: WriteMark,
  ): Promise<z.output<Schema>> {
    const request = { method: "POST", path, write: true } as const;
    const headers: Record<string, string> = {
      "content-type": "application/json",
      "idempotency-key": mark.key,
      ...(mark.ref === undefined ? {} : { "x-holdfast-ref": encodeURIComponent(mark.ref) }),
    };
    const { body } = await this.#send(request, JSON.stringify(payload), headers, mark.signal);
    return this.#parse(request, schema, body);
  }

  #parse<Schema extends z.ZodType>(
    request: RequestFacts,
    schema: Schema,
    body: unknown,
  ): z.output<Schema> {
    try {
      return parseWith(schema, body, "the venue's answer");
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
    signal: AbortSignal | undefined,
  ): Promise<{ readonly body: unknown }> {
    const { apiKey, refusedKeyPrefixes, fetch: send = fetch } = this.#options;
    const key = await findKey(apiKey, refusedKeyPrefixes);
    const timeout = AbortSignal.timeout(this.#options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    let response: Response;
    let text: string;
    try {
      response = await send(`${this.#options.baseUrl}${request.path}`, {
        method: request.method,
        headers: {
          accept: "application/json",
          ...headers,
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        ...(payload === undefined ? {} : { body: payload }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        redirect: "error",
      });
      text = await response.text();
    } catch (error) {
      throw transportFailure(request, error);
    }
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      if (response.ok) throw unreadable(request, "it is not JSON");
      body = {};
    }
    if (response.ok || isDuplicate(response.status, body)) return { body };
    throw statusFailure(
      request,
      response.status,
      asRecord(JSON.parse(withoutKey(JSON.stringify(body), key))),
      retryAfterMs(response.headers),
    );
  }
}

/** In one dialect a repetition is answered 409 with the original result: that is success. */
function isDuplicate(status: number, body: unknown): boolean {
  return status === 409 && asRecord(body)["duplicate"] === true;
}

function asRecord(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
}
