// What is said of calls that did not get through, each with its code.

import { HoldfastError, meaningOf } from "@holdfast/core";
import type { PendingCallState } from "./pending.ts";

type Named = Pick<PendingCallState, "activity">;

const TIMEOUTS = {
  attempt: "HF-ATTEMPT-TIMEOUT",
  heartbeat: "HF-HEARTBEAT-TIMEOUT",
  total: "HF-TOTAL-TIMEOUT",
} as const;

type TimeOut = keyof typeof TIMEOUTS;

export function timedOut(
  call: Pick<PendingCallState, "activity" | "attempt" | "phase">,
  what: TimeOut,
): HoldfastError {
  const { name } = call.activity;
  return new HoldfastError(
    TIMEOUTS[what],
    call.phase === "elsewhere"
      ? `Nobody has completed activity "${name}": its ${what} time-out is over.`
      : `Attempt ${call.attempt} of activity "${name}" was given up: its ${what} time-out is over.`,
    meaningOf("process", "time-out"),
  );
}

/** Which time-out of a running attempt, or of a wait elsewhere, is over first, and when. */
export function firstOver(
  call: Pick<PendingCallState, "activity" | "phase" | "deadlineAt" | "lastSendAt">,
  now: number,
): [at: number, what: TimeOut] {
  const { attemptMs, heartbeatMs } = call.activity.timeouts;
  const start = call.lastSendAt;
  let [at, what]: [number, TimeOut] = [call.deadlineAt, "total"];
  // An unknown outcome is worth one whole attempt even when the total is over.
  if (call.phase !== "elsewhere" && (start + attemptMs <= at || at <= start))
    [at, what] = [start + attemptMs, "attempt"];
  if (heartbeatMs !== undefined && now + heartbeatMs < at)
    [at, what] = [now + heartbeatMs, "heartbeat"];
  return [at, what];
}

export function queuedTooLong(call: Named): HoldfastError {
  return new HoldfastError(
    "HF-QUEUED-TIMEOUT",
    `Cannot start activity "${call.activity.name}": it waited in line longer than its queued time-out.`,
    meaningOf("process", "waited"),
  );
}

/** Why it is not known what became of a call that is taken up. */
export function interrupted(call: Named & { readonly lost?: boolean }): HoldfastError {
  if (call.lost === true) return lostTime(call);
  return new HoldfastError(
    "HF-ATTEMPT-INTERRUPTED",
    `An attempt of activity "${call.activity.name}" was interrupted by a stop of the engine.`,
    meaningOf("process", "interrupted"),
  );
}

function lostTime({ activity: { name } }: Named): HoldfastError {
  return new HoldfastError(
    "HF-RESTORED",
    `Activity "${name}" may have been done in the time that is not in the journal, which was restored or copied.`,
    meaningOf("process", "interrupted"),
  );
}

export function neverStarted(call: Named): HoldfastError {
  return new HoldfastError(
    "HF-ATTEMPT-LATE",
    `Cannot start activity "${call.activity.name}": its total time-out was over before the first attempt.`,
    meaningOf("process", "never-began"),
  );
}

export function attemptAborted(call: Named): HoldfastError {
  return new HoldfastError(
    "HF-CANCELLED",
    `Activity "${call.activity.name}" was cancelled.`,
    meaningOf("process", "cancelled"),
  );
}

export function quarantined(
  call: Pick<PendingCallState, "activity" | "crashesAlone">,
): HoldfastError {
  return new HoldfastError(
    "HF-QUARANTINED",
    `Activity "${call.activity.name}" is in quarantine: the process died ${call.crashesAlone} times while nothing else was in flight. Find out why, then resolve it: done, not done, or resend.`,
    meaningOf("process", "crash-loop"),
  );
}
