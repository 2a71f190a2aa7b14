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
      /** A delayed start: the function begins at this instant. */
      readonly notBefore?: number | undefined;
      /** Loop state carried over from the generation before. */
      readonly loop?: Encoded | undefined;
      /** Signals carried over from the generation before. */
      readonly signals?: readonly CarriedSignal[] | undefined;
    }
  | {
      readonly kind: "done";
      readonly call: number;
      readonly output: Encoded;
      readonly decision?: Decision | undefined;
    }
  | {
      readonly kind: "failed";
      readonly call: number;
      readonly failure: Failure;
      readonly decision?: Decision | undefined;
    }
  /** The call's effect was sent and its outcome is unknown: it stays pending until somebody settles it. */
  | { readonly kind: "in-doubt"; readonly call: number; readonly failure: Failure }
  /** Somebody allowed an effect in doubt to be sent again, with the same key. */
  | { readonly kind: "resent"; readonly call: number; readonly decision: Decision }
  | { readonly kind: "fired"; readonly timer: number }
  | {
      readonly kind: "signal";
      readonly name: string;
      readonly payload: Encoded;
      /** The sender's id: the same id is one delivery. */
      readonly id: string;
    }
  | { readonly kind: "cancel"; readonly reason: string }
  | { readonly kind: "terminated"; readonly failure: Failure };

/** Who settled an effect in doubt, and why. */
export interface Decision {
  readonly actor: string;
  readonly reason: string;
}

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
      /** Business name. Absent where it follows from the position and the effect is "none". */
      readonly ref?: string | undefined;
      /** Absent where the effect is "none" and nobody named the call: then the ordinal gives it. */
      readonly key?: string | undefined;
      /** The n-th call of this activity in this generation; present where `key` is absent. */
      readonly ordinal?: number | undefined;
      readonly totalMs: number;
    }
  | { readonly kind: "call-cancelled"; readonly call: number }
  | { readonly kind: "timer"; readonly timer: number; readonly at: number }
  | { readonly kind: "timer-cancelled"; readonly timer: number }
  /** The function has ended; open money calls are waited for. */
  | { readonly kind: "closing" }
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
