// What is told of a turn: to the senders of its requests, and to whoever watches race windows.

import { callRef } from "../call/attempt.ts";
import { runClosed } from "./operations.ts";
import type { Plan } from "./plan.ts";
import type { Step } from "./step.ts";

/** Tells the senders of requests, unless a signal found its run closed. */
export function acknowledge(plan: Plan): void {
  for (const { request, applied, facts } of plan.accepted) {
    const late = facts.find(({ fact }) => plan.missed.has(fact));
    const live = late === undefined ? undefined : plan.intakes.get(late.row)?.live;
    if (live === undefined) request.resolve(applied);
    else request.reject(runClosed(live, "signal"));
  }
}

/** The business names that a commit decides ("+") or settles ("-"), for whoever watches race windows. */
export function refsOf(steps: readonly Step[]): string {
  const refs: string[] = [];
  for (const { activation, live } of steps) {
    for (const entry of activation.entries) {
      if (entry.kind === "call" && entry.ref !== undefined) refs.push(`+${entry.ref}`);
      if (entry.kind !== "done") continue;
      const call = live.calls.get(entry.call);
      if (call !== undefined) refs.push(`-${callRef(call)}`);
    }
  }
  return refs.join(",");
}
