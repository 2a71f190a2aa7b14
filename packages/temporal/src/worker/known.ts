// What is known of an effect beside its attempt: the row that it is recorded with, and what that says later.

import type { NewIntent, StoredIntent, VenueCapabilities } from "@holdfast/core";
import { callKey, callRef, fingerprintOf, venueOf } from "@holdfast/engine/activity-side";
import { activityIdOf } from "../workflow/protocol.ts";
import type { Call, Elsewhere } from "./given.ts";

/** What is known of an effect, as the rules look at it. */
export interface Known {
  readonly unknown: boolean;
  readonly sentAt: number | undefined;
  readonly lastSendAt: number;
}

/** What a call is recorded as, when it is decided. */
export function intentOf(
  call: Call,
  venues: ReadonlyMap<string, VenueCapabilities>,
  now: number,
): NewIntent {
  const { activity, identity, given } = call;
  const { envelope } = given;
  const { names } = venueOf(activity, venues);
  const isKeyless = call.venue.idempotency === "none";
  return {
    key: callKey(call),
    ref: callRef(call),
    account: identity.account,
    activity: activity.name,
    venue: names,
    fingerprint: fingerprintOf(call),
    run: envelope.id,
    owner: `${envelope.id}/${envelope.runId}/${activityIdOf(envelope.call, 0)}`,
    lane: isKeyless ? `${names}/${identity.account}` : undefined,
    recordedAt: now,
  };
}

export function knownOf(intent: StoredIntent, call: Call): Known {
  return {
    unknown: intent.sentAt !== undefined,
    sentAt: intent.sentAt,
    lastSendAt: intent.lastSendAt ?? call.given.envelope.scheduledAt,
  };
}

/** Present where its last send has left it to somebody else. */
export function elsewhereOf({ lastFailure, sends }: StoredIntent): Elsewhere | undefined {
  if (lastFailure === undefined) return undefined;
  const { details, ...failure } = lastFailure;
  const { elsewhereUntil: at, send } = (details ?? {}) as Record<string, unknown>;
  const isIts = typeof at === "number" && send === sends;
  return isIts ? { at, failure: { ...failure, details: {} } } : undefined;
}
