// How the entries of one commit are written: a line of JSON, then one line for each large payload. The two
// kinds that make up nearly all of a journal, calls and their outputs, are short tuples, and their payloads
// stand as they are instead of being escaped into JSON: half the bytes, half the pages of a commit.

import type { Command, Effect, Encoded, HistoryEntry } from "@holdfast/core";

type CallTuple = readonly [
  "call",
  call: number,
  activity: string,
  effect: Effect,
  totalMs: number,
  ordinal: number | null,
  key?: string | null,
  ref?: string | null,
];
type DoneTuple = readonly ["done", call: number];
type Written = CallTuple | DoneTuple | HistoryEntry;

/** The text of the entries of one commit. Payloads are JSON and hold no line breaks. */
export function entriesToText(entries: readonly HistoryEntry[]): string {
  let payloads = "";
  const written = entries.map((entry): Written => {
    switch (entry.kind) {
      case "call":
        if (entry.local === true) return entry;
        payloads += `\n${entry.input}`;
        return callTuple(entry);
      case "done":
        if (entry.decision !== undefined) return entry;
        payloads += `\n${entry.output}`;
        return ["done", entry.call];
      default:
        return entry;
    }
  });
  return JSON.stringify(written) + payloads;
}

/** Reads what `entriesToText` wrote. */
export function entriesFromText(text: string): HistoryEntry[] {
  let end = endOfLine(text, 0);
  const written = JSON.parse(text.slice(0, end)) as Written[];
  return written.map((each): HistoryEntry => {
    if (!isTuple(each)) return each;
    const start = end + 1;
    end = endOfLine(text, start);
    const payload = text.slice(start, end);
    return each[0] === "done"
      ? { kind: "done", call: each[1], output: payload }
      : callOf(each, payload);
  });
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function isTuple(written: Written): written is CallTuple | DoneTuple {
  return Array.isArray(written);
}

function callTuple(entry: Command & { readonly kind: "call" }): CallTuple {
  const { call, activity, effect, totalMs, ordinal = null, key, ref } = entry;
  if (key === undefined && ref === undefined) {
    return ["call", call, activity, effect, totalMs, ordinal];
  }
  return ["call", call, activity, effect, totalMs, ordinal, key ?? null, ref ?? null];
}

function callOf(tuple: CallTuple, input: Encoded): HistoryEntry {
  const [kind, call, activity, effect, totalMs, ordinal, key, ref] = tuple;
  // Nearly every call is of this kind; putting it together from parts takes long.
  if (ordinal !== null && key === undefined && ref === undefined)
    return { kind, call, activity, effect, input, ordinal, totalMs };
  return {
    kind,
    call,
    activity,
    effect,
    input,
    totalMs,
    ...(ordinal === null ? {} : { ordinal }),
    ...(typeof key === "string" ? { key } : {}),
    ...(typeof ref === "string" ? { ref } : {}),
  };
}
