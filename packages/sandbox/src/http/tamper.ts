// Faults of answers: a time that is off, a body that breaks off, a connection that is cut in the middle of it.

import type { ServerResponse } from "node:http";
import { nextTurn } from "../clock/wall.ts";
import type { RequestRule } from "../fault/rule.ts";
import type { Answer } from "./answer.ts";

/** Milliseconds by which the time that is told is off. */
export function skewOf(struck: readonly RequestRule[]): number {
  return struck.reduce((sum, rule) => (rule.kind === "skew" ? sum + rule.ms : sum), 0);
}

/** The answer as faults leave it. An answer without a body is left alone. */
export function tamper(answer: Answer, struck: readonly RequestRule[]): Answer {
  const rule = struck.find(({ kind }) => kind === "reset" || kind === "truncate");
  if (answer.body === "" || (rule?.kind !== "reset" && rule?.kind !== "truncate")) return answer;
  const body = Buffer.from(answer.body);
  // Something is missing always, and the head comes in any case.
  const kept = body.subarray(0, Math.min(Math.floor(body.length * rule.share), body.length - 1));
  if (rule.kind === "truncate") return { ...answer, body: kept };
  return { ...answer, body: kept, promised: body.length };
}

/** Cuts the connection when head and body so far have left the process. */
export async function breakOff(outgoing: ServerResponse): Promise<void> {
  while (!outgoing.destroyed && outgoing.writableLength > 0) await nextTurn();
  outgoing.socket?.destroy();
}
