// The end of a `ctx.loop`.

const END: unique symbol = Symbol.for("holdfast.loop.end");

export interface LoopEnd<Value> {
  readonly [END]: true;
  readonly value: Value;
}

/**
 * Ends a `ctx.loop` with a value.
 *
 * @example
 * const total = await ctx.loop(0, async (n) => (n === 3 ? done(n) : n + 1)); // 3
 */
export function done(): LoopEnd<void>;
export function done<Value>(value: Value): LoopEnd<Value>;
export function done<Value>(value?: Value): LoopEnd<Value | undefined> {
  return Object.freeze({ [END]: true as const, value });
}

export function isLoopEnd(value: unknown): value is LoopEnd<unknown> {
  return typeof value === "object" && value !== null && END in value;
}
