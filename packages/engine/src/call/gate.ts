// What may hold calls back before their attempts: a breaker, a limit, a kill switch. A wait at a gate is no attempt
// and no retry, and nothing is written of it.

import type { Failure } from "@holdfast/core";
import type { PendingCallState } from "./pending.ts";

/** `send`: an attempt of the call. `ask`: its `reconcile`, which only reads at the venue. */
export type Purpose = "send" | "ask";

/** Why a call does not begin yet. */
export interface Hold {
  /** Who waits together, in the order in which they were decided: it is rung by this name. */
  readonly queue: string;
  /** When to ask again, in milliseconds since the epoch; undefined: when somebody rings. */
  readonly until: number | undefined;
  /** What the call fails with where its total ends first; its outcome is "not-sent". */
  readonly failure: Failure;
}

/** How what was let through ended. `dropped`: nobody knows, or another gate held it after all. */
export type End =
  | { readonly kind: "answered" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "dropped" };

/**
 * A gate belongs to one opening of the journal. All methods are synchronous; whoever must write uses the session's
 * turn and decides from memory. What it let through is told as ended exactly once, unless the session ends before.
 */
export interface Gate {
  /** Asked just before each attempt: undefined lets the call through, and may take it a place. */
  ask(call: PendingCallState, purpose: Purpose, now: number): Hold | undefined;
  /** What was let through has ended: answered, failed, or given up with its time-out as the failure. */
  ended(call: PendingCallState, end: End, now: number): void;
  /** The venue asks the call's account to rest for so many milliseconds from now; the call itself goes on. */
  rest?(call: PendingCallState, ms: number, now: number): void;
}

export interface Ringing {
  /** How many of those who have waited longest; default all. */
  readonly count?: number;
  /** Over how long they are spread, in order, in milliseconds; default 0, which is at once. */
  readonly spreadMs?: number;
}

/** Tells that a queue is worth another question. Who is rung asks every gate again. */
export type Bell = (queue: string, ringing?: Ringing) => void;

/**
 * Makes a gate for a session. Several compose: they are asked in order, and the first that holds a call ends it for
 * those that had let it through.
 */
export type MakeGate = (bell: Bell) => Gate;
