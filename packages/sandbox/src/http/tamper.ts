// Faults of answers: a time that is off, a body that breaks off, a connection that is cut in the middle of it.

import { nextTurn } from "../clock/wall.ts";
import type { RequestRule } from "../fault/rule.ts";
import { type Exchange, cut } from "./exchange.ts";

/** Milliseconds by which the time that is told is off. */
export function skewOf(struck: readonly RequestRule[]): number {
  return struck.reduce((sum, rule) => (rule.kind === "skew" ? sum + rule.ms : sum), 0);
}

/** The answer as faults leave it. An answer without a body is left alone. */
export async function tamper(
  response: Response,
  struck: readonly RequestRule[],
  exchange: Exchange,
): Promise<Response> {
  const rule = struck.find(({ kind }) => kind === "reset" || kind === "truncate");
  if (response.body === null || (rule?.kind !== "reset" && rule?.kind !== "truncate")) {
    return response;
  }
  const body = new Uint8Array(await response.arrayBuffer());
  // Something is missing always, and the head comes in any case.
  const kept = body.slice(0, Math.min(Math.floor(body.length * rule.share), body.length - 1));
  const { status } = response;
  if (rule.kind === "truncate") return new Response(kept, { status, headers: response.headers });
  const headers = new Headers(response.headers);
  headers.set("content-length", String(body.length));
  return new Response(breakingOff(kept, exchange), { status, headers });
}

/** A body that sends what it has, and then cuts the connection. */
function breakingOff(kept: Uint8Array, exchange: Exchange): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (kept.length > 0) controller.enqueue(kept);
    },
    async pull() {
      await flushed(exchange);
      cut(exchange);
      // Never closed: whoever writes it gives it up with the connection.
    },
  });
}

/** Head and body so far have left the process, or nobody is there any more. */
async function flushed({ bindings: { outgoing } }: Exchange): Promise<void> {
  while (!outgoing.destroyed && (!outgoing.headersSent || outgoing.writableLength > 0)) {
    await nextTurn();
  }
}
