// Errors as problem documents (RFC 9457).

import type { Json } from "../command/command.ts";

export class ProblemError extends Error {
  readonly status: number;
  readonly body: Json;

  constructor(status: number, code: string, detail: string, more: Json = {}) {
    super(detail);
    this.status = status;
    this.body = { type: `https://holdfast.dev/venue/${code}`, title: code.replaceAll("_", " "), status, code, detail, ...more };
  }
}

/** An answer in JSON; a problem document where it is an error without a result of its own. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const problem = status >= 400 && typeof body === "object" && body !== null && "code" in body;
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": problem ? "application/problem+json" : "application/json", ...headers },
  });
}
