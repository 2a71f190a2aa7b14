// The outcome of a call that still has its value: a run that is in memory need not decode what was encoded a moment
// ago. Only the journal's text counts; the value is a copy of its own, and the first to ask takes it.

import { type Encoded, type Fact, decode } from "@holdfast/core";

type Done = Fact & { readonly kind: "done" };

export class Answer implements Done {
  readonly kind = "done";
  readonly call: number;
  readonly output: Encoded;
  #value: unknown;

  /** @param value what decoding the output would give, or undefined */
  constructor(call: number, output: Encoded, value: unknown) {
    this.call = call;
    this.output = output;
    this.#value = value;
  }

  /** The decoded output of a call. */
  static outputOf(fact: Done): unknown {
    if (!(#value in fact) || fact.#value === undefined) return decode(fact.output);
    const value = fact.#value;
    fact.#value = undefined;
    return value;
  }
}
