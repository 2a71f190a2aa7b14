// The time-outs of a running attempt, and its cancellation: what ends it before its body does.

import { type Clock, type HoldfastError, toFailure } from "@holdfast/core";
import { type AttemptSignal, attemptAborted, timedOut } from "@holdfast/engine/activity-side";
import type { Call } from "./given.ts";

export interface Watch {
  /** Rejects when the attempt is given up. */
  readonly over: Promise<never>;
  readonly isOver: () => boolean;
  /** Somebody says that it is worked on. */
  readonly beat: () => void;
  readonly stop: () => void;
}

/** Watches until `stop`. */
export function watch(clock: Clock, call: Call, signal: AttemptSignal): Watch {
  const { activity, given, deadlineAt } = call;
  const { attemptMs, heartbeatMs } = activity.timeouts;
  const start = clock.now();
  const { promise: over, reject } = Promise.withResolvers<never>();
  over.catch(() => undefined);
  let isOver = false;
  const giveUp = (failure: HoldfastError): void => {
    isOver = true;
    signal.abort(toFailure(failure));
    reject(failure);
  };
  // An unknown outcome is worth one whole attempt even when the total is over.
  const isAttempt = start + attemptMs <= deadlineAt || deadlineAt <= start;
  const limit = isAttempt ? start + attemptMs : deadlineAt;
  const timer = clock.setTimer(limit, () => {
    giveUp(timedOut(call, isAttempt ? "attempt" : "total"));
  });
  call.giveUp = () => giveUp(attemptAborted(call));
  const late = (): void => giveUp(timedOut(call, "heartbeat"));
  const nextBeat = () =>
    heartbeatMs === undefined ? undefined : clock.setTimer(clock.now() + heartbeatMs, late);
  let beatTimer = nextBeat();
  const onCancel = (): void => {
    // Whether money was sent must become known: it is not aborted.
    if (activity.effect !== "money") giveUp(attemptAborted(call));
  };
  if (given.cancelled.aborted) onCancel();
  else given.cancelled.addEventListener("abort", onCancel);
  return {
    over,
    isOver: (): boolean => isOver,
    beat: (): void => {
      beatTimer?.cancel();
      beatTimer = nextBeat();
    },
    stop: (): void => {
      timer.cancel();
      beatTimer?.cancel();
      given.cancelled.removeEventListener("abort", onCancel);
    },
  };
}
