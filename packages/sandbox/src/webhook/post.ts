// One request to an endpoint. Only the status of the answer counts; its body is read to be polite, up to a limit,
// and thrown away. No redirect is followed and no name but the endpoint's own is connected to.

import { type IncomingMessage, type RequestOptions, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import { systemWall } from "../clock/wall.ts";
import { type WebhookTargets, refusalOf } from "./target.ts";

/** Bytes of an answer that are read. */
export const ANSWER_BYTES_MAX = 65_536;

export interface Letter {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PostOptions {
  /** Of the machine's time, from the connection to the end of the answer. */
  readonly timeoutMs: number;
  readonly targets: WebhookTargets;
  /** Cuts it off: nothing is known then. */
  readonly signal: AbortSignal;
}

/** What came of a request. Through is 2xx and nothing else. */
export type Posted =
  | { readonly kind: "through"; readonly status: number }
  | { readonly kind: "failed"; readonly status: number | null; readonly error: PostError };

export type PostError = "timeout" | "unreachable" | "cut" | "redirect" | "status" | "target";

/** Never rejects. */
export async function post(letter: Letter, options: PostOptions): Promise<Posted> {
  // An option of today may be narrower than that of the day on which it was registered.
  if (refusalOf(letter.url, options.targets) !== undefined) return failed("target");
  const timeout = new AbortController();
  const cancel = systemWall.after(options.timeoutMs, () => {
    timeout.abort();
  });
  try {
    const signal = AbortSignal.any([timeout.signal, options.signal]);
    return statusOf(await exchange(letter, options.targets, signal));
  } catch (error) {
    if (timeout.signal.aborted) return failed("timeout");
    return failed(isNeverSent(error) ? "unreachable" : "cut");
  } finally {
    cancel();
  }
}

/** Resolves with the status once the answer has ended, or is too long. */
function exchange(
  { url, body, headers }: Letter,
  targets: WebhookTargets,
  signal: AbortSignal,
): Promise<number> {
  const bytes = Buffer.from(body, "utf8");
  const options: RequestOptions = {
    method: "POST",
    agent: false,
    signal,
    headers: { ...headers, "content-length": bytes.length },
    ...(targets === "loopback" ? { lookup: loopbackLookup } : {}),
  };
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const request = send(url, options, (response) => {
    readAway(response).then(resolve, reject);
  });
  request.once("error", reject);
  request.end(bytes);
  return promise;
}

async function readAway(response: IncomingMessage): Promise<number> {
  let read = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    read += chunk.length;
    if (read > ANSWER_BYTES_MAX) break;
  }
  return response.statusCode ?? 0;
}

function statusOf(status: number): Posted {
  if (status >= 200 && status < 300) return { kind: "through", status };
  const error = status >= 300 && status < 400 ? "redirect" : "status";
  return { kind: "failed", status, error };
}

function failed(error: PostError): Posted {
  return { kind: "failed", status: null, error };
}

/** `localhost` is this machine whatever its resolver says. */
const loopbackLookup: LookupFunction = (_hostname, { all }, callback) => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (all === true) callback(null, addresses);
  else callback(null, "127.0.0.1", 4);
};

const NEVER_SENT: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

function isNeverSent(error: unknown): boolean {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return first instanceof Error && "code" in first && NEVER_SENT.has(first.code);
}
