// One attempt as two tries: the second begins when the first has not answered in time, the first answer counts, and
// the other try is aborted. For what does not act; the attempt stays one.

import { type Failure, HoldfastError, toFailure } from "@holdfast/core";
import { AttemptSignal } from "./attempt.ts";
import { isPromise } from "./is-promise.ts";

export interface Hedge {
  /** After how long the second try begins, in milliseconds. */
  readonly afterMs: number;
  /** Calls back once; gives what takes that back. */
  readonly timer: (ms: number, callback: () => void) => () => void;
  /** The attempt's signal: aborts whatever runs. */
  readonly signal: AttemptSignal;
}

/** Runs a body that may be tried twice. It fails when all that began has failed, with the first failure. */
export function hedged(run: (signal: AttemptSignal) => unknown, hedge: Hedge): unknown {
  const first = new AttemptSignal();
  const output = run(first);
  if (!isPromise(output)) return output;
  return raced(output, first, run, hedge);
}

function raced(
  begun: PromiseLike<unknown>,
  first: AttemptSignal,
  run: (signal: AttemptSignal) => unknown,
  { afterMs, timer, signal }: Hedge,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const tries = new Set([first]);
  let failed: { readonly error: unknown } | undefined;
  const end = (): void => {
    stop();
    for (const other of tries) other.abort(LOST);
  };
  const follow = (output: PromiseLike<unknown>, own: AttemptSignal): void => {
    output.then(
      (value) => {
        tries.delete(own);
        end();
        resolve(value);
      },
      (error: unknown) => {
        tries.delete(own);
        failed ??= { error };
        if (tries.size > 0) return;
        stop();
        reject(failed.error);
      },
    );
  };
  const stop = timer(afterMs, () => {
    const second = new AttemptSignal();
    tries.add(second);
    // An error that is thrown at once is one of this try alone.
    follow(
      new Promise((settle) => {
        settle(run(second));
      }),
      second,
    );
  });
  signal.onAbort = (reason) => {
    stop();
    for (const own of tries) own.abort(reason);
  };
  follow(begun, first);
  return promise;
}

const LOST: Failure = toFailure(
  new HoldfastError("HF-HEDGE-LOST", "The other try of this attempt has answered first.", {
    class: "state",
    disposition: "cancelled",
    outcome: "not-sent",
  }),
);
