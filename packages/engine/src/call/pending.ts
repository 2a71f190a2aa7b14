// A call between its command and its outcome: what the dispatcher knows of it. It lives apart from the
// coroutine, which may be evicted meanwhile.

import type { Activity, Command, Encoded, Failure, VenueCapabilities } from "@holdfast/core";
import type { Alarm } from "../clock/alarms.ts";
import type { RunIdentity } from "../run/machine.ts";
import type { CallSituation } from "./decide.ts";

export interface PendingCallState {
  /** The run's row. */
  readonly run: number;
  readonly identity: RunIdentity;
  readonly command: Command & { readonly kind: "call" };
  readonly activity: Activity;
  readonly venue: VenueCapabilities;
  readonly scheduledAt: number;
  readonly deadlineAt: number;
  phase: "queued" | "running" | "waiting" | "in-doubt" | "settled";
  attempt: number;
  /** Distinguishes attempts of this process, so that a late answer finds its attempt. */
  inFlight: Set<symbol>;
  unknown: boolean;
  sentAt: number | undefined;
  lastSendAt: number;
  nextAt: number | undefined;
  lastFailure: Failure | undefined;
  heartbeat: Encoded | undefined;
  reconcileTries: number;
  cancelled: boolean;
  alarm: Alarm | undefined;
  abort: ((reason: Failure) => void) | undefined;
  /** True when a row of the call table exists. */
  stored: boolean;
}

/** What the rules look at. */
export function situation(call: PendingCallState): CallSituation {
  return {
    activity: call.activity.name,
    effect: call.activity.effect,
    policy: call.activity.retry,
    venue: call.venue,
    canReconcile: call.activity.reconcile !== undefined,
    attempt: call.attempt,
    scheduledAt: call.scheduledAt,
    deadlineAt: call.deadlineAt,
    unknown: call.unknown,
    sentAt: call.sentAt,
    lastSendAt: call.lastSendAt,
    cancelled: call.cancelled,
  };
}
