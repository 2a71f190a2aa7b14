// What is answered to a request of the API, as plain text: a venue that takes thousands of orders a second has
// no time for streams of it.

import type { ServerResponse } from "node:http";
import { type ProblemError, type Headers, bug, problemType } from "./problem.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The connection was cut: nothing is answered. */
export const CUT: Answer = { status: 499, headers: {}, body: "" };

/** An answer in JSON; marked as a problem where it is one. */
export function jsonAnswer(status: number, body: unknown, headers: Headers = {}): Answer {
  return {
    status,
    headers: { "content-type": problemType(status, body), "cache-control": "no-store", ...headers },
    body: JSON.stringify(body),
  };
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
  { status, headers, body }: Answer,
  more: Headers,
  isHead: boolean,
): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  const length = status === 204 ? {} : { "content-length": String(Buffer.byteLength(body)) };
  outgoing.writeHead(status, { ...headers, ...more, ...length });
  outgoing.end(isHead || status === 204 ? undefined : body);
}
