// A run's journal: facts as they were delivered, and the commands they led to, whole. Replaying the facts
// must give the commands again; a difference names both sides.

import type { Effect } from "../activity/effect.ts";
import type { Failure } from "../base/error.ts";
import type { ParentClose } from "../workflow/context.ts";
import type { Tags } from "../workflow/note.ts";

/** Encoded values (codec text) stand in the journal as they crossed the boundary. */
export type Encoded = string;

/** What happened to a run, in the order in which it was told. */
export type Fact =
  | {
      readonly kind: "started";
      readonly input: Encoded;
      /** A delayed start: the function begins at this instant. */
      readonly notBefore?: number | undefined;
      /** The workflow id of the run that started this one. */
      readonly parent?: string | undefined;
      readonly tags?: Tags | undefined;
      readonly memo?: Encoded | undefined;
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
  /** The call took the process down with it time after time: it stays pending until somebody settles it. */
  | { readonly kind: "quarantined"; readonly call: number; readonly failure: Failure }
  /** The guard asks a person before the call's effect is sent: it stays pending until somebody answers. */
  | { readonly kind: "awaiting-approval"; readonly call: number; readonly failure: Failure }
  /**
   * Somebody allowed an effect in doubt, or a call in quarantine, to be tried again, with the same key, or one that
   * awaited approval to be tried.
   */
  | { readonly kind: "resent"; readonly call: number; readonly decision: Decision }
  | { readonly kind: "fired"; readonly timer: number }
  | {
      readonly kind: "signal";
      readonly name: string;
      readonly payload: Encoded;
      /** The sender's id: the same id is one delivery. */
      readonly id: string;
    }
  /** A validated write, accepted. */
  | {
      readonly kind: "update";
      readonly name: string;
      readonly input: Encoded;
      /** The sender's id: the same id is one delivery. */
      readonly id: string;
    }
  | { readonly kind: "child-started"; readonly child: number; readonly runId: string }
  | { readonly kind: "child-done"; readonly child: number; readonly output: Encoded }
  /** The child failed, or could not begin. */
  | { readonly kind: "child-failed"; readonly child: number; readonly failure: Failure }
  /** A message stands in the other run's journal. */
  | { readonly kind: "sent"; readonly send: number }
  | { readonly kind: "send-failed"; readonly send: number; readonly failure: Failure }
  | { readonly kind: "cancel"; readonly reason: string }
  | { readonly kind: "terminated"; readonly failure: Failure };

/** Why a call, and a run in which nothing else can move, waits for a person. */
export type Standstill = "in-doubt" | "quarantined" | "awaiting-approval";

/** Who settled an effect in doubt, or resumed a run, and why. */
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
      /** Present where the first attempt was made at once, within the activation. */
      readonly local?: true | undefined;
    }
  | { readonly kind: "call-cancelled"; readonly call: number }
  /** A money call is not to be sent any more; what was sent is waited for. */
  | { readonly kind: "call-cancel-asked"; readonly call: number }
  | { readonly kind: "timer"; readonly timer: number; readonly at: number }
  | { readonly kind: "timer-cancelled"; readonly timer: number }
  | {
      readonly kind: "child";
      readonly child: number;
      readonly workflow: string;
      readonly id: string;
      readonly input: Encoded;
      readonly onParentClose: ParentClose;
      readonly tags?: Tags | undefined;
      readonly memo?: Encoded | undefined;
    }
  /** The child is not waited for any more; `ask`: it was asked to cancel. */
  | { readonly kind: "child-cancelled"; readonly child: number; readonly ask: boolean }
  /** The child was asked to cancel and is waited for. */
  | { readonly kind: "child-cancel-asked"; readonly child: number; readonly reason: string }
  /** A message to another run. */
  | {
      readonly kind: "send";
      readonly send: number;
      readonly to: string;
      readonly message: SentMessage;
    }
  | { readonly kind: "update-done"; readonly id: string; readonly output: Encoded }
  | { readonly kind: "update-failed"; readonly id: string; readonly failure: Failure }
  /** New code took over here. */
  | { readonly kind: "patch"; readonly id: string }
  | { readonly kind: "tags"; readonly tags: Tags }
  | { readonly kind: "memo"; readonly memo: Encoded }
  /** The function has ended; open money calls are waited for. */
  | {
      readonly kind: "closing";
      /** The state of its loop, where it then goes on at another engine. */
      readonly leaves?: Encoded | undefined;
    }
  | { readonly kind: "completed"; readonly output: Encoded }
  | { readonly kind: "run-failed"; readonly failure: Failure }
  | { readonly kind: "cancelled"; readonly reason: string }
  | {
      readonly kind: "continued";
      readonly input: Encoded;
      readonly loop?: Encoded | undefined;
      readonly signals?: readonly CarriedSignal[] | undefined;
      /** Present where the next generation is another engine's. */
      readonly elsewhere?: true | undefined;
    };

export type SentMessage =
  | { readonly kind: "signal"; readonly name: string; readonly payload: Encoded }
  | { readonly kind: "cancel"; readonly reason: string };

/**
 * A failed run goes on: of the entries before this one only the first `keep` count. What was dropped stays in
 * the journal, to be looked at.
 */
export interface Resumed {
  readonly kind: "resumed";
  readonly keep: number;
  readonly decision: Decision;
}

export type HistoryEntry = Fact | Command | Resumed;

/** A history entry as listed: with its position and the time of its commit. */
export interface ListedEntry {
  readonly sequence: number;
  readonly at: number;
  readonly entry: HistoryEntry;
}
