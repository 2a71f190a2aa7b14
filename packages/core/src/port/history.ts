// A run's journal: facts as they were delivered, and the commands they led to, whole. Replaying the facts
// must give the commands again; a difference names both sides.

import type { Effect } from "../activity/effect.ts";
import type { Failure } from "../base/error.ts";

/** Encoded values (codec text) stand in the journal as they crossed the boundary. */
export type Encoded = string;

/** What happened to a run, in the order in which it was told. */
export type Fact =
  | {
      readonly kind: "started";
      readonly input: Encoded;
      /** Loop state carried over from the generation before. */
      readonly loop?: Encoded | undefined;
      /** Signals carried over from the generation before. */
      readonly signals?: readonly CarriedSignal[] | undefined;
    }
  | { readonly kind: "done"; readonly call: number; readonly output: Encoded }
  | { readonly kind: "failed"; readonly call: number; readonly failure: Failure }
  | { readonly kind: "fired"; readonly timer: number }
  | {
      readonly kind: "signal";
      readonly name: string;
      readonly payload: Encoded;
      /** The sender's id: the same id is one delivery. */
      readonly id: string;
    }
  | { readonly kind: "cancel"; readonly reason: string };

export interface CarriedSignal {
  readonly name: string;
  readonly payload: Encoded;
  readonly id: string;
}

/** What the run decided. */
export type Command =
  | {
      readonly kind: "call";
      readonly call: number;
      readonly activity: string;
      readonly effect: Effect;
      readonly input: Encoded;
      readonly ref: string;
      /** Absent where it follows from the position alone and the effect is "none". */
      readonly key?: string | undefined;
      readonly totalMs: number;
    }
  | { readonly kind: "timer"; readonly timer: number; readonly at: number }
  | { readonly kind: "timer-cancelled"; readonly timer: number }
  | { readonly kind: "completed"; readonly output: Encoded }
  | { readonly kind: "run-failed"; readonly failure: Failure }
  | { readonly kind: "cancelled"; readonly reason: string }
  | {
      readonly kind: "continued";
      readonly input: Encoded;
      readonly loop?: Encoded | undefined;
      readonly signals?: readonly CarriedSignal[] | undefined;
    };

export type HistoryEntry = Fact | Command;

/** A history entry as listed: with its position and the time of its commit. */
export interface ListedEntry {
  readonly sequence: number;
  readonly at: number;
  readonly entry: HistoryEntry;
}
