// Lets faults strike at one moment of a request: before its commit, or after it.

import type { VenueClock } from "../clock/clock.ts";
import type { RequestRule } from "../fault/rule.ts";
import { type Answer, jsonAnswer, problemAnswer } from "./answer.ts";
import { type Exchange, cut, holdUntil } from "./exchange.ts";
import { ProblemError } from "./problem.ts";

export type Moment = "before" | "after";

/** Returns the answer that takes the place of the real one, where a fault gives one. */
export async function strike(
  struck: readonly RequestRule[],
  moment: Moment,
  exchange: Exchange,
  clock: VenueClock,
): Promise<Answer | undefined> {
  for (const rule of struck) {
    const answer = await strikeOne(rule, moment, exchange, clock);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

async function strikeOne(
  rule: RequestRule,
  moment: Moment,
  exchange: Exchange,
  clock: VenueClock,
): Promise<Answer | undefined> {
  switch (rule.kind) {
    case "latency": {
      if (rule.when !== moment) return undefined;
      const end = await holdUntil(exchange, clock, clock.now() + rule.ms);
      // A venue that closes carries nothing more out.
      return end === "closed" ? cut(exchange) : undefined;
    }
    case "status": {
      if (rule.when !== moment) return undefined;
      const detail = `An injected ${rule.status}, ${moment} the commit.`;
      const body = { ...new ProblemError("fault_injected", detail).body, status: rule.status };
      return jsonAnswer(rule.status, body);
    }
    case "throttle": {
      if (moment === "after") return undefined;
      const { retryAfterSeconds: seconds } = rule;
      const headers = seconds === undefined ? undefined : { "retry-after": String(seconds) };
      const detail = "Too many requests (injected).";
      return problemAnswer(new ProblemError("rate_limited", detail, {}, headers));
    }
    case "drop":
      return rule.when === moment ? cut(exchange) : undefined;
    case "outage":
      return moment === "before" ? cut(exchange) : undefined;
    default:
      // The others strike elsewhere: in the answer's body, in what is told, in the venue itself.
      return undefined;
  }
}
