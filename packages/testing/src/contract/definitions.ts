// Small definitions that the behaviours share.

import assert from "node:assert/strict";
import {
  type Activity,
  HoldfastError,
  type Reconciliation,
  activity,
  hasCode,
} from "@holdfast/core";
import { z } from "zod";

/** What an activity did, counted outside the engine. */
export class Effects {
  readonly #byKey = new Map<string, number>();
  readonly sends: { readonly key: string; readonly ref: string; readonly attempt: number }[] = [];

  /** An effect at a venue that honours keys: the first send with a key counts, others find it. */
  apply(a: { readonly key: string; readonly ref: string; readonly attempt: number }): number {
    this.sends.push({ key: a.key, ref: a.ref, attempt: a.attempt });
    const known = this.#byKey.get(a.key);
    if (known !== undefined) return known;
    this.#byKey.set(a.key, this.#byKey.size + 1);
    return this.#byKey.size;
  }

  get count(): number {
    return this.#byKey.size;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }
}

export const double: Activity<number, number> = activity({
  name: "contract.double",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (input) => input * 2,
});

/** A money activity whose behaviour is a function of the attempt. */
export function pay(
  effects: Effects,
  behave: (attempt: number, apply: () => number) => number | Promise<number>,
  reconcile?: (a: { readonly key: string }) => Reconciliation<number>,
): Activity<number, number> {
  return activity({
    name: "contract.pay",
    input: z.number(),
    output: z.number(),
    effect: "money",
    timeouts: { total: "1h", attempt: "10s" },
    run: (_amount, a) => behave(a.attempt, () => effects.apply(a)),
    ...(reconcile === undefined
      ? {}
      : { reconcile: (_amount: number, a: { readonly key: string }) => reconcile(a) }),
  });
}

/** Matches an error by its code. */
export function code(expected: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(
      hasCode(error, expected),
      `expected ${expected}, got ${error instanceof HoldfastError ? error.code : String(error)}`,
    );
    return true;
  };
}
