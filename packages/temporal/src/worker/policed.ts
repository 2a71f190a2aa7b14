// The policies of venues before an attempt of this worker: the breakers that all workers share, and this worker's own
// limits. What is held for long goes back to the server, which brings it when it is due; that is no attempt of its call.

import {
  type BreakerRequest,
  type BreakerState,
  type Clock,
  type Failure,
  type Policies,
  type Random,
  type VenueCapabilities,
  breakerOpen,
  definedActivities,
  newBreaker,
} from "@holdfast/core";
import {
  Limits,
  PROBE_MARGIN_MS,
  SPREAD,
  breakerName,
  breakerNames,
  breakerUnknown,
  callKey,
  groupOf,
  reduces,
  venuesOf,
} from "@holdfast/engine/activity-side";
import type { SharedBreakers } from "./breakers.ts";
import type { Call, Ended } from "./given.ts";
import type { Left } from "./left.ts";
import { LaneBells } from "./lane-bells.ts";

/** Waits that are shorter than this, in milliseconds, are waited for here. */
const SHORT_MS = 30_000;
/** How long until one asks again whose breaker has its probe on the way, in milliseconds. */
const PROBED_MS = 1_000;

export interface PolicedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly policies: Policies;
  readonly breakers: SharedBreakers;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
}

/** Let through: `end` is due. Or held until an instant. */
export type Entered =
  | { readonly kind: "through"; readonly end: (how: EndedHow) => Promise<void> }
  | { readonly kind: "held"; readonly at: number; readonly failure: Failure };

export type Through = Entered & { readonly kind: "through" };

/** How it has ended; neither: nobody knows. */
export interface EndedHow {
  readonly failure?: Failure | undefined;
  readonly answered?: boolean;
}

const HELD: ReadonlySet<string> = new Set(["HF-BREAKER-OPEN", "HF-VENUE-BUSY"]);

/** Why the attempt before did not begin; undefined where it did. */
export function heldBackBy({ lastFailure }: Left): Failure | undefined {
  return lastFailure !== undefined && HELD.has(lastFailure.code) ? lastFailure : undefined;
}

/** Runs what was let through, and tells how it ended. */
export async function passed(entered: Through, run: () => Promise<Ended>): Promise<Ended> {
  let how: EndedHow = {};
  try {
    const ended = await run();
    how = ended.kind === "failed" ? { failure: ended.failure } : { answered: true };
    return ended;
  } finally {
    await entered.end(how);
  }
}

export const THROUGH: Through = { kind: "through", end: async () => undefined };

export class Policed {
  readonly #options: PolicedOptions;
  readonly #limits: Limits;
  readonly #bells: LaneBells;

  constructor(options: PolicedOptions) {
    this.#options = options;
    this.#limits = new Limits(options.policies, options.random);
    this.#bells = new LaneBells(options.clock);
  }

  /** Calls that wait here. */
  get waiting(): number {
    return this.#bells.waiting;
  }

  async enter(call: Call, purpose: "send" | "ask"): Promise<Entered> {
    const { policies, venues: overrides } = this.#options;
    const venues = venuesOf(call.activity, overrides);
    if (venues.length === 0) return THROUGH;
    const group = groupOf(call.activity, purpose);
    const names = venues
      .filter((venue) => policies.of(venue).breaker !== undefined)
      .map((venue) => breakerName(venue, group));
    const who = {};
    const { activity, given } = call;
    const first = purpose === "ask" || reduces({ activity, input: given.input });
    for (;;) {
      const isProbe = await this.#askBreakers(call, names);
      if (typeof isProbe !== "boolean") return isProbe;
      const now = this.#now();
      const { account } = call.identity;
      const hold = this.#limits.enter(who, { venues, account, first }, now);
      if (hold === undefined) {
        if (!isProbe || (await this.#take(call, names))) return this.#through(call, names, who);
        // Another one is the probe.
        this.#leave(who, undefined);
        continue;
      }
      if (isUnwanted(call)) return THROUGH;
      const isLong = hold.until > now + SHORT_MS || this.#bells.isFull;
      if (isLong || call.given.abandoned.aborted) return this.#held(call, hold.until, hold.failure);
      if (now >= call.deadlineAt) return this.#held(call, now, hold.failure);
      await this.#wait(call, hold.queue, hold.until);
    }
  }

  /** The venues that a call uses ask its account to rest, for so many milliseconds from now. */
  rest({ activity, identity }: Call, ms: number): void {
    const venues = venuesOf(activity, this.#options.venues);
    this.#limits.rest(venues, identity.account, ms, this.#now());
  }

  /** @throws HF-BREAKER-UNKNOWN */
  async force(request: BreakerRequest): Promise<void> {
    const known = (await this.list()).map(({ name }) => name);
    if (!known.includes(request.name)) throw breakerUnknown(request.name, known);
    await this.#options.breakers.force(request, this.#now());
  }

  async list(): Promise<readonly BreakerState[]> {
    const { breakers, venues } = this.#options;
    const now = this.#now();
    const states = new Map(
      breakerNames(definedActivities(), venues).map((name) => [name, newBreaker(name, now)]),
    );
    for (const state of await breakers.list()) states.set(state.name, state);
    return [...states.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** True where it is to take the place of a probe. */
  async #askBreakers(call: Call, names: readonly string[]): Promise<boolean | Entered> {
    const { breakers, policies, random } = this.#options;
    let isProbe = false;
    for (const name of names) {
      const now = this.#now();
      const answer = await breakers.ask(name, this.#asking(call));
      if (answer.kind === "probe") isProbe = true;
      if (answer.kind !== "wait") continue;
      const [venue = name] = name.split("/");
      const { coolingMs = 0 } = policies.of(venue).breaker ?? {};
      const state = breakers.last(name, now);
      const again = state.mode === "half-open" ? PROBED_MS : coolingMs;
      const spread = Math.round(random.next() * (again === coolingMs ? coolingMs * SPREAD : again));
      const until = state.mode === "open" ? (answer.until ?? now + coolingMs) : now + PROBED_MS;
      return this.#held(call, until + spread, breakerOpen(state));
    }
    return isProbe;
  }

  /** Takes the places of the probes, all of them or none that matters: a place is free again after its time. */
  async #take(call: Call, names: readonly string[]): Promise<boolean> {
    for (const name of names) {
      const asking = this.#asking(call);
      if ((await this.#options.breakers.ask(name, asking)).kind !== "probe") continue;
      if (!(await this.#options.breakers.take(name, asking))) return false;
    }
    return true;
  }

  #through(call: Call, names: readonly string[], who: object): Entered {
    const end = async ({ failure, answered = false }: EndedHow): Promise<void> => {
      this.#leave(who, failure);
      const dropped = failure === undefined && !answered;
      for (const name of names) {
        const told = { holder: this.#asking(call).holder, now: this.#now(), failure, dropped };
        await this.#options.breakers.tell(name, told);
      }
    };
    return { kind: "through", end };
  }

  #leave(who: object, failure: Failure | undefined): void {
    for (const { queue, count } of this.#limits.leave(who, failure, this.#now())) {
      for (let n = 0; n < Math.min(count, this.#bells.waiting); n += 1) this.#bells.ring(queue);
    }
  }

  async #wait(call: Call, queue: string, until: number): Promise<void> {
    const { given, activity, deadlineAt } = call;
    const unwanted =
      activity.effect === "money" ? [given.abandoned] : [given.abandoned, given.cancelled];
    const rung = this.#bells.wait({
      lane: queue,
      since: given.envelope.scheduledAt,
      key: callKey(call),
      at: Math.max(this.#now(), Math.min(until, deadlineAt)),
      unwanted,
    });
    // Money has its turn already, and is in flight.
    if (activity.effect !== "money") await given.inLine();
    await rung;
  }

  /** Not beyond what the call's time-outs allow, where they are not over. */
  #held({ given, deadlineAt, activity }: Call, until: number, failure: Failure): Entered {
    const now = this.#now();
    const { queuedMs = Infinity } = activity.timeouts;
    const queuedAt =
      given.before.begun === undefined ? given.envelope.scheduledAt + queuedMs : Infinity;
    const limit = Math.min(deadlineAt, queuedAt);
    return { kind: "held", at: limit > now ? Math.min(until, limit) : until, failure };
  }

  #asking(call: Call): { readonly holder: string; readonly now: number; readonly probeMs: number } {
    const { envelope } = call.given;
    const probeMs = call.activity.timeouts.attemptMs + PROBE_MARGIN_MS;
    return {
      holder: `${envelope.id}/${envelope.runId}/${envelope.call}`,
      now: this.#now(),
      probeMs,
    };
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** Cancelled, and nothing may have been sent that must become known: whoever asks finds out why not to begin. */
function isUnwanted({ given, activity }: Call): boolean {
  return activity.effect !== "money" && given.cancelled.aborted;
}
