// Promises that a workflow awaits: their rejection is never "unhandled", because the loser of a race may fail
// later.

import type { Settle } from "./waiter.ts";

const ignore = (): void => undefined;

export function waiter<Value = unknown>(): Settle & { readonly promise: Promise<Value> } {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  return {
    promise: promise as Promise<Value>,
    resolve,
    // Only then: what handles it is another promise, and a reaction that nearly every call would make for nothing.
    reject(reason) {
      promise.catch(ignore);
      reject(reason);
    },
  };
}
