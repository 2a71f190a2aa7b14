// What one run of the agent came to: how it ended, what its journals decided, what the venue's ledger holds.
// Plain facts; what they mean is judged elsewhere.

import type {
  Effect as EffectClass,
  Encoded,
  Failure,
  RunStatus,
  Standstill,
} from "@holdfast/core";
import type { Store } from "@holdfast/engine";
import type { Effect } from "@holdfast/sandbox";

export interface Outcome {
  readonly status: RunStatus;
  readonly output: Encoded | undefined;
  readonly failure: Failure | undefined;
  /** Why the run is stuck, or why its journal does not replay. */
  readonly problem: Failure | undefined;
  readonly calls: readonly DecidedCall[];
  readonly effects: readonly Effect[];
  /** Virtual milliseconds that it took. */
  readonly tookMs: number;
}

/** A call with an effect, as the journal has it. */
export interface DecidedCall {
  readonly ref: string;
  readonly key: string;
  readonly activity: string;
  readonly effect: EffectClass;
  readonly totalMs: number;
  readonly state: "open" | "done" | "failed" | Standstill;
}

/** Every call with an effect that the journals of a store hold, in the order of their decisions. */
export function decidedCalls(store: Store): readonly DecidedCall[] {
  const runs = store.runs.list({}, Number.MAX_SAFE_INTEGER).toReversed();
  return runs.flatMap(({ row }) => {
    const calls = new Map<number, DecidedCall>();
    const settle = (number: number, state: DecidedCall["state"]): void => {
      const call = calls.get(number);
      if (call !== undefined) calls.set(number, { ...call, state });
    };
    for (const entry of store.journal.read(row).flatMap(({ entries }) => entries)) {
      switch (entry.kind) {
        case "call": {
          const { call, ref = "", key = "", activity, effect, totalMs } = entry;
          if (effect === "none") break;
          calls.set(call, { ref, key, activity, effect, totalMs, state: "open" });
          break;
        }
        case "done":
          settle(entry.call, "done");
          break;
        case "failed":
          settle(entry.call, "failed");
          break;
        case "in-doubt":
        case "quarantined":
        case "awaiting-approval":
          settle(entry.call, entry.kind);
          break;
        case "resent":
          settle(entry.call, "open");
          break;
        default:
          break;
      }
    }
    return [...calls.values()];
  });
}
