// Errors as problem documents (RFC 9457), and answers in JSON.

import type { ProblemCode } from "@holdfast/purpleflea/wire";
import type { Json } from "../command/command.ts";
import { problem } from "../command/outcome.ts";

export type Headers = Readonly<Record<string, string>>;

/** Thrown where a request is refused before it reaches the venue. */
export class ProblemError extends Error {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;

  constructor(code: ProblemCode, detail: string, more: Json = {}, headers: Headers = {}) {
    super(detail);
    this.body = problem(code, detail, more);
    this.status = Number(this.body["status"]);
    this.headers = headers;
  }
}

/** An answer in JSON; marked as a problem where it is one. */
export function json(status: number, body: unknown, headers: Headers = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": problemType(status, body), "cache-control": "no-store", ...headers },
  });
}

/** The media type of a body. */
export function problemType(status: number, body: unknown): string {
  const isProblem = status >= 400 && typeof body === "object" && body !== null && "code" in body;
  return isProblem ? "application/problem+json" : "application/json";
}

export function problemResponse(error: ProblemError): Response {
  return json(error.status, error.body, error.headers);
}

/** What an unforeseen error is answered with: our bug, said as such. */
export function bugResponse(error: unknown): Response {
  return problemResponse(bug(error));
}

export function bug(error: unknown): ProblemError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ProblemError("internal", `The paper venue has met a bug of its own: ${reason}`);
}
