// What an operation did, and what is answered: done, or refused by rule as a problem document.

import type { Usdc } from "@holdfast/core";
import { type ProblemCode, PROBLEM_CODES } from "@holdfast/purpleflea/wire";
import type { Json } from "./command.ts";

export interface Event {
  /** Dotted: "trade.opened". */
  readonly type: string;
  readonly payload: Json;
}

/** An event and whom it is for. */
export interface Told extends Event {
  readonly agent: string;
}

/** Something changed. */
export interface Done {
  readonly kind: "done";
  readonly status: 200 | 201;
  readonly body: Json;
  /** Whom it concerns. */
  readonly agent: string;
  /** Money that it is about, for the audit. */
  readonly amount: Usdc;
  readonly event: Event;
  /** Events for others whom it concerns, too. Changes of balances tell of themselves. */
  readonly tells?: readonly Told[];
  /** True for an answer that must not lie in the file as it is. */
  readonly secret?: boolean;
}

/** Nothing changed, by rule. */
export interface Refused {
  readonly kind: "refused";
  readonly status: number;
  readonly body: Json;
  /** Seconds after which the same may be asked again. */
  readonly retryAfterSeconds?: number;
}

/** Nothing changed, because it had been done before: answered as then. */
export interface Unchanged {
  readonly kind: "unchanged";
  readonly status: 200;
  readonly body: Json;
}

export type Outcome = Done | Refused | Unchanged;

export function refused(code: ProblemCode, detail: string, more: Json = {}): Refused {
  return { kind: "refused", status: PROBLEM_CODES[code], body: problem(code, detail, more) };
}

/** A problem document; its type is a name, not an address. */
export function problem(code: ProblemCode, detail: string, more: Json = {}): Json {
  return {
    type: `urn:holdfast:venue:problem:${code}`,
    title: code.replaceAll("_", " "),
    status: PROBLEM_CODES[code],
    code,
    detail,
    ...more,
  };
}

/**
 * Whether an answer is kept under its key. Refusals that a later try may overturn (not yet, not known) are
 * not: the key stays free.
 */
export function isKept(outcome: Outcome): boolean {
  return outcome.kind !== "refused" || [402, 409, 422].includes(outcome.status);
}
