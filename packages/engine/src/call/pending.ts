// A call between its command and its outcome: what the dispatcher knows of it. It lives apart from the
// coroutine, which may be evicted meanwhile.

import {
  type Activity,
  type Command,
  type Encoded,
  type Failure,
  type Standstill,
  type VenueCapabilities,
  isStandstill,
} from "@holdfast/core";
import type { Alarm } from "../clock/alarms.ts";
import { ASSUMED_VENUE, venueOf } from "../registry.ts";
import type { RunIdentity } from "../run/identity.ts";
import type { CallPlace, CallRow } from "../store/calls.ts";
import type { RunRow } from "../store/runs.ts";
import type { CallSituation } from "./decide.ts";

export interface PendingCallState {
  /** The run's row. */
  readonly run: number;
  readonly identity: RunIdentity;
  readonly command: Command & { readonly kind: "call" };
  readonly activity: Activity;
  /** The input decoded, where it is at hand; the first attempt takes it. */
  input: unknown;
  readonly venue: VenueCapabilities;
  /** When it was decided, resumed or approved: its total counts from there. */
  scheduledAt: number;
  deadlineAt: number;
  /** `elsewhere`: its attempt has ended, and somebody else completes it. */
  phase: "queued" | "running" | "waiting" | "elsewhere" | Standstill | "settled";
  attempt: number;
  /** True while its next attempt is about to begin: on disk it has begun. */
  isDue: boolean;
  /** Number of the attempt in flight; 0 when there is none. A late answer of one given up differs. */
  inFlight: number;
  unknown: boolean;
  /** True where that is so because of a time that a restore has lost. */
  lost: boolean;
  sentAt: number | undefined;
  lastSendAt: number;
  nextAt: number | undefined;
  lastFailure: Failure | undefined;
  /** Details of the last heartbeat. */
  heartbeat: Encoded | undefined;
  /** When they may be written next; undefined while no write of them is due. */
  beat: Alarm | undefined;
  /** When they were written last, or the attempt began. */
  beatAt: number;
  /** Crashes in a row in which it was in flight; none once an attempt has ended by itself. */
  crashes: number;
  /** Those of them in which nothing else was in flight. */
  crashesAlone: number;
  /** True while it is in flight alone. */
  alone: boolean;
  reconcileTries: number;
  cancelled: boolean;
  alarm: Alarm | undefined;
  abort: { abort(reason: Failure): void } | undefined;
  /** True when a row of the call table exists. */
  stored: boolean;
}

/** True where only a person moves it. */
export function standsStill({ phase }: Pick<PendingCallState, "phase">): boolean {
  return isStandstill(phase);
}

/** A person has said yes: its total counts from now. */
export function approvedAt(call: PendingCallState, at: number): void {
  call.scheduledAt = at;
  call.deadlineAt = at + call.command.totalMs;
}

/** Names a call within the journal. */
export function placeOfCall(call: PendingCallState): CallPlace {
  return { run: call.run, call: call.command.call };
}

/** What is written of a call beyond its command. */
export function rowOf(call: PendingCallState): CallRow {
  const attempt = call.attempt + Number(call.isDue);
  return { ...call, attempt, elsewhere: call.phase === "elsewhere" };
}

/** Goes on from what was written of a call. */
export function takeUp(call: PendingCallState, row: CallRow): void {
  const { elsewhere, ...rest } = row;
  Object.assign(call, rest);
  call.stored = true;
  if (elsewhere) call.phase = "elsewhere";
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
    lost: call.lost,
    sentAt: call.sentAt,
    lastSendAt: call.lastSendAt,
    cancelled: call.cancelled,
  };
}

/** A call that was just decided, at an instant. */
export function pendingCall(
  of: { readonly row: RunRow; readonly identity: RunIdentity },
  activity: Activity,
  command: PendingCallState["command"],
  at: number,
  venues: ReadonlyMap<string, VenueCapabilities>,
): PendingCallState {
  return {
    run: of.row.row,
    identity: of.identity,
    command,
    activity,
    input: undefined,
    // Only money is repeated by the rules of its venue.
    venue: activity.effect === "money" ? venueOf(activity, venues).venue : ASSUMED_VENUE,
    scheduledAt: at,
    deadlineAt: at + command.totalMs,
    phase: "queued",
    attempt: 0,
    isDue: false,
    inFlight: 0,
    unknown: false,
    lost: false,
    sentAt: undefined,
    lastSendAt: at,
    nextAt: undefined,
    lastFailure: undefined,
    heartbeat: undefined,
    beat: undefined,
    beatAt: at,
    crashes: 0,
    crashesAlone: 0,
    alone: false,
    reconcileTries: 0,
    cancelled: false,
    alarm: undefined,
    abort: undefined,
    stored: false,
  };
}

/** Notes that an effect may have happened: first sent then, last heard of now. */
export function markUnknown(call: PendingCallState, sentAt: number, now: number): void {
  call.unknown = true;
  call.sentAt = sentAt;
  call.lastSendAt = now;
}

/** Notes that it may have been done in the time that a restore has lost, and that nothing was sent since. */
export function markLost(call: PendingCallState, from: number, now: number): void {
  markUnknown(call, from, now);
  call.lost = true;
}

/** True where all that may have been sent was sent in the time that was lost. */
export function isUnsentSince({ lost, attempt }: PendingCallState): boolean {
  return lost && attempt === 0;
}

/** True where the effect may have happened all the same, and that matters. */
export function leavesUnknown(call: PendingCallState, failure: Failure): boolean {
  return failure.outcome === "unknown" && call.activity.effect === "money" && call.attempt > 0;
}
