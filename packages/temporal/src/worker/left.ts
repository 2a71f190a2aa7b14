// What goes from attempt to attempt through the server, as the details of heartbeats. It survives the worker, so
// it also tells which attempts were in flight when theirs died.

import { type Encoded, type Failure, decode, encode } from "@holdfast/core";
import { CRASHES_UNTIL_ALONE } from "@holdfast/engine/activity-side";
import type { Judgement } from "../workflow/protocol.ts";

/** What goes from attempt to attempt through the server. */
export interface Left {
  readonly details?: Encoded | undefined;
  readonly nextAt?: number | undefined;
  /** Bodies that have begun: not every attempt of the server's has come so far. */
  readonly begun?: number | undefined;
  /** What it waits for until then. */
  readonly verdict?: Judgement["verdict"] | undefined;
  readonly lastFailure?: Failure | undefined;
  /** The server's attempt that left this. */
  readonly by?: number | undefined;
  /** Present while it is in flight, beside others or alone, or in line; none once it has ended or its worker stops. */
  readonly flight?: "beside" | "alone" | "line" | undefined;
  /** Crashes in a row in which the call was in flight; none once an attempt has ended by itself. */
  readonly crashes?: number | undefined;
  /** Those of them in which nothing else was in flight. */
  readonly crashesAlone?: number | undefined;
}

/** What is known of the crashes that a call was in. */
export interface Suspicion {
  readonly crashes: number;
  readonly crashesAlone: number;
  /** Its last attempt was lost with its worker. */
  readonly lost: boolean;
}

export const UNSUSPECTED: Suspicion = { crashes: 0, crashesAlone: 0, lost: false };

/** A call that a person let out of quarantine: it runs alone, and its count begins anew. */
export const SUSPECT: Suspicion = { crashes: CRASHES_UNTIL_ALONE, crashesAlone: 0, lost: false };

/**
 * Counts what the attempts before have come to; a first attempt has none before. One that has left no note may have begun; only one that has noted
 * that it runs alone is sure to have taken its worker down by itself.
 */
export function suspicionOf(
  { by = 0, flight, crashes = 0, crashesAlone = 0 }: Left,
  attempt: number,
): Suspicion {
  const silent = Math.max(0, attempt - 1 - by);
  const isLost = silent > 0 || (attempt > 1 && flight !== undefined);
  const wasInFlight = attempt > 1 && (flight === "beside" || flight === "alone");
  return {
    crashes: crashes + silent + (wasInFlight ? 1 : 0),
    crashesAlone: crashesAlone + (attempt > 1 && flight === "alone" ? 1 : 0),
    lost: isLost,
  };
}

export function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

/** What an attempt left, as the server kept it. */
export function leftOf(text: Encoded | undefined): Left {
  return text === undefined ? {} : (decode(text) as Left);
}

export function textOfLeft(left: Left): Encoded {
  return encode(defined(left));
}
