// A circuit breaker, as states and what leads from one to the next; pure. Closed: calls go. Open: none goes until the
// cooling time is over. Half-open: one probe goes, and its answer decides. A person may force it open or closed.

import { type Failure, HoldfastError, toFailure } from "../base/error.ts";
import { healthOf } from "./health.ts";

export type BreakerMode = "closed" | "open" | "half-open";

export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open, in milliseconds. */
  readonly coolingMs: number;
}

/** The seed's numbers. */
export const BREAKER: BreakerPolicy = { failures: 5, coolingMs: 60_000 };

/** For how long a probe keeps its place that tells nothing more, in milliseconds: its process may have died. */
export const PROBE_MS = 60_000;

/** All that is known of a breaker. Times are milliseconds since the epoch. */
export interface BreakerState {
  /** Venue and group of operations, such as "purpleflea/write". */
  readonly name: string;
  readonly mode: BreakerMode;
  /** Failures in a row. */
  readonly failures: number;
  readonly changedAt: number;
  /** When the cooling time is over; absent while it is closed or forced. */
  readonly openUntil?: number | undefined;
  /** Who has the one place of a probe, and until when. */
  readonly probe?: { readonly holder: string; readonly until: number } | undefined;
  /** Present where a person holds it so, until the person says "auto". */
  readonly forced?: { readonly actor: string; readonly reason: string } | undefined;
  /** What opened it last. */
  readonly lastFailure?: { readonly code: string; readonly message: string } | undefined;
}

/** What a person wants of a breaker. */
export type BreakerWish = "open" | "closed" | "auto";

export interface BreakerChange {
  readonly name: string;
  readonly from: BreakerMode;
  readonly to: BreakerMode;
  readonly at: number;
  /** Why, in words. */
  readonly reason: string;
  /** Present where a person did it. */
  readonly actor?: string | undefined;
  readonly openUntil?: number | undefined;
}

export function newBreaker(name: string, now: number): BreakerState {
  return { name, mode: "closed", failures: 0, changedAt: now };
}

/** May a call go? `until`: when to ask again; undefined where only a person or a probe's answer changes it. */
export type BreakerAnswer =
  | { readonly kind: "go" }
  | { readonly kind: "probe"; readonly state: BreakerState }
  | { readonly kind: "wait"; readonly until: number | undefined };

export interface Asking {
  /** Who asks: only its own end frees the place of a probe. */
  readonly holder: string;
  readonly now: number;
  /** How long the probe may take, in milliseconds. Default one minute. */
  readonly probeMs?: number;
}

/**
 * Whether a call may go. Of all who ask when the cooling time is over, the first whose state is kept is the probe.
 *
 * @example
 * const answer = askBreaker(newBreaker("venue/read", 0), { holder: "dca/1", now: 0 }); // go
 */
export function askBreaker(
  state: BreakerState,
  { holder, now, probeMs = PROBE_MS }: Asking,
): BreakerAnswer {
  if (state.mode === "closed") return { kind: "go" };
  if (state.forced !== undefined) return { kind: "wait", until: undefined };
  const { openUntil = now, probe } = state;
  if (state.mode === "open" && now < openUntil) return { kind: "wait", until: openUntil };
  if (probe !== undefined && probe.holder !== holder && now < probe.until)
    return { kind: "wait", until: probe.until };
  return {
    kind: "probe",
    state: {
      ...state,
      mode: "half-open",
      changedAt: state.mode === "half-open" ? state.changedAt : now,
      probe: { holder, until: now + probeMs },
    },
  };
}

export interface Told {
  readonly holder: string;
  readonly now: number;
  /** Undefined where it was answered. */
  readonly failure?: Failure | undefined;
  /** True where nobody knows how it ended. */
  readonly dropped?: boolean;
}

/** The state after a call that was let through has ended; the same value where nothing has changed. */
export function tellBreaker(
  state: BreakerState,
  policy: BreakerPolicy,
  { holder, now, failure, dropped = false }: Told,
): BreakerState {
  if (state.forced !== undefined) return state;
  const health = dropped ? "silent" : failure === undefined ? "well" : healthOf(failure);
  if (state.mode === "half-open") {
    if (state.probe?.holder !== holder) return state;
    if (health === "well") return newBreaker(state.name, now);
    if (health === "ill") return opened(state, policy, failure, now);
    // It says nothing of the venue: the next one is the probe.
    return { ...state, probe: undefined };
  }
  // What began before it opened says nothing new.
  if (state.mode === "open" || health === "silent") return state;
  if (health === "well") return state.failures === 0 ? state : { ...state, failures: 0 };
  const failures = state.failures + 1;
  if (failures < policy.failures) return { ...state, failures };
  return opened({ ...state, failures }, policy, failure, now);
}

function opened(
  { name, failures }: BreakerState,
  { coolingMs }: BreakerPolicy,
  failure: Failure | undefined,
  now: number,
): BreakerState {
  return {
    name,
    mode: "open",
    failures,
    changedAt: now,
    openUntil: now + coolingMs,
    ...(failure === undefined
      ? {}
      : { lastFailure: { code: failure.code, message: failure.message.slice(0, MESSAGE_MAX) } }),
  };
}

const MESSAGE_MAX = 500;

/** What a person has said. "auto" begins anew, closed. */
export function forceBreaker(
  { name, lastFailure }: BreakerState,
  wish: BreakerWish,
  { actor, reason, now }: { readonly actor: string; readonly reason: string; readonly now: number },
): BreakerState {
  const begun = newBreaker(name, now);
  if (wish === "auto") return begun;
  return { ...begun, mode: wish, forced: { actor, reason }, lastFailure };
}

/** Undefined where only counts have changed. */
export function changeOf(before: BreakerState, after: BreakerState): BreakerChange | undefined {
  const { name, mode: to, changedAt: at, openUntil, forced, failures, lastFailure } = after;
  if (before.mode === to && before.forced?.reason === forced?.reason) return undefined;
  const common = { name, from: before.mode, to, at, openUntil };
  if (forced !== undefined) return { ...common, ...forced };
  if (to === "half-open") return { ...common, reason: "the cooling time is over: one probe goes" };
  if (to === "closed")
    return {
      ...common,
      reason: before.forced === undefined ? "the probe was answered" : "a person lets it decide",
    };
  const last = lastFailure === undefined ? "" : `, the last with ${lastFailure.code}`;
  const what = before.mode === "half-open" ? "the probe failed" : `${failures} failures in a row`;
  return { ...common, reason: `${what}${last}` };
}

/** What a call fails with whose total ends before the breaker lets it go. */
export function breakerOpen({ name, openUntil, forced, lastFailure }: BreakerState): Failure {
  const until = openUntil === undefined ? "" : ` until ${new Date(openUntil).toISOString()}`;
  const why =
    forced === undefined
      ? `open${until}${lastFailure === undefined ? "" : ` after ${lastFailure.code}`}`
      : `held open by ${forced.actor}: ${forced.reason}`;
  return toFailure(
    new HoldfastError(
      "HF-BREAKER-OPEN",
      `Cannot send: breaker "${name}" is ${why}. Nothing was sent. See it: holdfast breakers.`,
      { class: "network", disposition: "retry", outcome: "not-sent", details: { breaker: name } },
    ),
  );
}
