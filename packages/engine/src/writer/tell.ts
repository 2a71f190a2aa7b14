// What is told of a turn: to the senders of its requests, and to whoever watches race windows.

import type { DeadLetterPage } from "@holdfast/core";
import { callRef } from "../call/attempt.ts";
import { deadLetters } from "../store/page.ts";
import type { Store } from "../store/store.ts";
import type { Plan } from "./plan.ts";
import type { Step } from "./step.ts";

/** Tells the senders of requests, unless what they sent was not taken. */
export function acknowledge(plan: Plan): void {
  for (const { request, applied, facts } of plan.accepted) {
    const missed = plan.missed.size === 0 ? undefined : firstOf(plan.missed, facts);
    if (missed === undefined) request.resolve(applied);
    else request.reject(missed);
  }
}

function firstOf<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  keys: readonly Key[],
): Value | undefined {
  const found = keys.find((key) => map.has(key));
  return found === undefined ? undefined : map.get(found);
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

/** Dead letters that are told of a change. */
const LETTERS_TOLD = 10;

/** Tells whoever asked to be told, where a turn has changed the dead letters. */
export function tellDeadLetters(
  plan: Plan,
  steps: readonly Step[],
  to: {
    readonly store: Store;
    readonly onDeadLetters: ((page: DeadLetterPage) => void) | undefined;
  },
): void {
  if (to.onDeadLetters === undefined) return;
  const changed = plan.discarded.size + plan.reload.size > 0 || steps.some(({ letter }) => letter);
  if (changed) to.onDeadLetters(deadLetters(to.store, { limit: LETTERS_TOLD }));
}
