// What is answered to a request of the API, as plain text: a venue that takes thousands of orders a second has
// no time for streams of it.

import type { ServerResponse } from "node:http";
import { type ProblemError, type Headers, bug, problemType } from "./problem.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Buffer;
  /** Bytes that are said to come, where a fault breaks the body off: then the connection is cut. */
  readonly promised?: number;
}

/** The connection was cut: nothing is answered. */
export const CUT: Answer = { status: 499, headers: {}, body: "" };

/** An answer in JSON; marked as a problem where it is one. */
export function jsonAnswer(status: number, body: unknown, headers: Headers = {}): Answer {
  const type = { "content-type": problemType(status, body) };
  return textAnswer(status, JSON.stringify(body), { ...type, ...headers });
}

/** An answer whose JSON is written already. */
export function textAnswer(status: number, body: string, headers: Headers = {}): Answer {
  const own = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers: { ...own, ...headers }, body };
}

export function problemAnswer({ status, body, headers }: ProblemError): Answer {
  return jsonAnswer(status, body, headers);
}

export function bugAnswer(error: unknown): Answer {
  return problemAnswer(bug(error));
}

/** Sends an answer with further headers; to a HEAD without its body. */
export function send(
  outgoing: ServerResponse,
  { status, headers, body, promised }: Answer,
  more: Headers,
  isHead: boolean,
): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  const bytes = promised ?? Buffer.byteLength(body);
  const length = status === 204 ? {} : { "content-length": String(bytes) };
  outgoing.writeHead(status, { ...headers, ...more, ...length });
  if (isHead || status === 204) outgoing.end();
  else if (promised === undefined) outgoing.end(body);
  else {
    outgoing.flushHeaders();
    if (body.length > 0) outgoing.write(body);
  }
}
