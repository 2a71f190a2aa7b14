// What an attempt is given by the SDK, and what is said of it and of its call while it runs.

import type { Activity, Encoded, Failure, VenueCapabilities } from "@holdfast/core";
import type { AttemptedCall } from "@holdfast/engine/activity-side";
import type { CallEnvelope } from "../workflow/protocol.ts";
import type { Left, Suspicion } from "./left.ts";

/** What the SDK gives an attempt. */
export interface Given {
  readonly activity: Activity;
  readonly input: Encoded;
  readonly envelope: CallEnvelope;
  /** The server's count of attempts, from 1. */
  readonly attempt: number;
  /** Its id at the server. */
  readonly activityId: string;
  readonly isLocal: boolean;
  /** What the attempt before left. */
  readonly before: Left;
  /** Crashes in which the call was in flight. */
  readonly suspicion: Suspicion;
  /** Tells the server that the attempt is alive, and what the next one is to know. */
  readonly beat: (left: Left) => void;
  /** Like a beat, fulfilled when the server has it. */
  readonly keep: (left: Left) => Promise<void>;
  /** Notes that it waits in line; fulfilled when the server has it. */
  readonly inLine: () => Promise<void>;
  /** Notes that it is in flight; fulfilled when whoever comes after a crash is sure to find that. */
  readonly begin: (alone: boolean) => Promise<void>;
  /** Its body has ended by itself: nobody suspects it any more. */
  readonly clear: () => void;
  /** Aborted when the server was asked to cancel. */
  readonly cancelled: AbortSignal;
  /** Aborted when the worker stops and waits no longer. */
  readonly abandoned: AbortSignal;
}

/** A call as its attempt's context sees it. */
export interface Call extends AttemptedCall {
  readonly given: Given;
  readonly venue: VenueCapabilities;
  readonly deadlineAt: number;
  phase: "running";
  attempt: number;
  sentAt: number | undefined;
  heartbeat: Encoded | undefined;
  /** Ends the attempt in flight: its call has its outcome. */
  giveUp?: () => void;
}

/** How the body of an attempt ended. */
export type Ended =
  | { readonly kind: "answered"; readonly output: Encoded }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "later" };

/** How long somebody else has time. */
export interface Elsewhere {
  readonly at: number;
  /** How the call has failed then. */
  readonly failure: Failure;
}

export interface AttemptHooks {
  /** Keeps details; default: the server does. */
  readonly keep?: (details: Encoded) => Promise<void>;
  /** Told of the answer of an attempt that was given up. */
  readonly onLate?: (output: Encoded) => Promise<void>;
}

/** What of an attempt tells whether the server has heard of its beginning. */
export interface Heard extends Pick<Given, "isLocal" | "attempt"> {
  readonly envelope: Pick<CallEnvelope, "again">;
  readonly activity: Pick<Activity, "effect">;
}

/**
 * True for an attempt that says nothing when it begins, which would be one request more for each call. Of a local one
 * the server knows nothing. Of the first one of a call without money the next finds no note, if it was lost: that tells
 * as much.
 */
export function isQuiet({ isLocal, attempt, envelope, activity }: Heard): boolean {
  return isLocal || (attempt === 1 && envelope.again === undefined && activity.effect !== "money");
}

/** Bodies of the call that have begun: as noted, or a first one that was lost before it noted anything. */
export function begunBefore(given: Heard & { readonly before: Left }): number {
  const { before, attempt, isLocal } = given;
  const isLost = !isLocal && before.by === undefined && attempt > 1;
  return isLost && isQuiet({ ...given, attempt: 1 }) ? 1 : (before.begun ?? 0);
}
