// Warns, once for each, before a run meets a limit: while there is still time to change its code.

import {
  HISTORY_ENTRIES_MAX,
  HISTORY_ENTRIES_WARN,
  type HistoryEntry,
  type Log,
  PAYLOAD_BYTES_MAX,
  PAYLOAD_BYTES_WARN,
  PENDING_MAX,
  PENDING_WARN,
} from "@holdfast/core";
import type { Step } from "./step.ts";

export function warn({ live, activation }: Step, log: Log): void {
  const { entries } = activation;
  const { id } = live.row;
  const { length } = live.fold;
  if (length >= HISTORY_ENTRIES_WARN && length - entries.length < HISTORY_ENTRIES_WARN) {
    const way = "Continue as new before then: ctx.loop does so by itself.";
    log.warn(
      `Run "${id}" has ${length} history entries; it may not go on beyond ${HISTORY_ENTRIES_MAX}. ${way}`,
    );
  }
  warnOfPending(id, activation, log);
  for (const entry of entries) {
    const bytes = payloadOf(entry);
    if (bytes < PAYLOAD_BYTES_WARN) continue;
    log.warn(
      `Run "${id}" has written a payload of about ${bytes} bytes (${entry.kind}); the limit is ${PAYLOAD_BYTES_MAX}. Store it elsewhere and pass a reference.`,
    );
  }
}

function warnOfPending(id: string, { entries, machine }: Step["activation"], log: Log): void {
  const { calls, timers, openChildren } = machine.waiting;
  const look = (kind: "call" | "timer" | "child", size: number): void => {
    if (size < PENDING_WARN) return;
    const opened = entries.filter((entry) => entry.kind === kind).length;
    if (size - opened >= PENDING_WARN) return;
    const things = kind === "child" ? "children" : `${kind}s`;
    log.warn(`Run "${id}" has ${size} open ${things}; the limit is ${PENDING_MAX}.`);
  };
  look("call", calls.size);
  look("timer", timers.size);
  look("child", openChildren.size);
}

function payloadOf(entry: HistoryEntry): number {
  if ("input" in entry) return entry.input.length;
  if ("output" in entry) return entry.output.length;
  return "payload" in entry ? entry.payload.length : 0;
}
