// A server that does not answer: a start that may wait asks again with a longer and longer pause, says so, and ends
// at a bound; every other one fails at once. What the server refuses is never asked again.

import { type Clock, HoldfastError, type Patience, formatDuration, hasCode } from "@holdfast/core";

const FIRST_MS = 500;
const MAX_MS = 15_000;
/** How long a start waits for a server, in milliseconds. */
const PATIENCE_MS = 600_000;

/** @throws what `connect` throws; HF-START-STOPPED where nobody wants the start any more */
export async function reach<Value>(
  connect: () => Promise<Value>,
  patience: Patience | undefined,
  clock: Clock,
): Promise<Value> {
  if (patience === undefined) return connect();
  const until = clock.now() + PATIENCE_MS;
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * 2, MAX_MS)) {
    try {
      return await connect();
    } catch (error) {
      if (!hasCode(error, "HF-TEMPORAL-UNREACHABLE") || clock.now() + waitMs > until) throw error;
      if (patience.signal.aborted) throw stopped();
      patience.say(`${error.message} Asking again in ${formatDuration(waitMs)}.`);
      await passed(waitMs, clock, patience.signal);
      if (patience.signal.aborted) throw stopped();
    }
  }
}

/** Resolves when the time has passed, or when nobody waits any more. */
async function passed(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(clock.now() + ms, resolve);
  const leave = (): void => resolve();
  signal.addEventListener("abort", leave, { once: true });
  await promise;
  signal.removeEventListener("abort", leave);
  timer.cancel();
}

function stopped(): HoldfastError {
  return new HoldfastError(
    "HF-START-STOPPED",
    "Stopped before the Temporal server could be reached: nothing was started.",
    { class: "state", disposition: "cancelled", outcome: "not-sent" },
  );
}
