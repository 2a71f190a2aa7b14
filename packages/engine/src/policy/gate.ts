// The policies of venues as a gate before attempts: the breakers of what a call uses, and the limits of its account.

import {
  type BreakerChange,
  type BreakerState,
  type Failure,
  type Random,
  breakerOpen,
} from "@holdfast/core";
import type { Bell, End, Gate, Hold, Purpose } from "../call/gate.ts";
import type { PendingCallState } from "../call/pending.ts";
import { reduces } from "../guard/said.ts";
import type { Breakers } from "./breakers.ts";
import type { Limits } from "./limits.ts";
import { type Venues, breakerName, groupOf, venuesOf } from "./names.ts";

/** After a cooling time calls come back spread over this part of it. */
export const SPREAD = 0.1;

/** How long after its time-out a probe that says nothing has lost its place, in milliseconds. */
export const PROBE_MARGIN_MS = 5_000;

export interface PolicyGateOptions {
  readonly bell: Bell;
  readonly breakers: Breakers;
  readonly limits: Limits;
  readonly venues: Venues;
  readonly random: Random;
  /** How long a breaker of a venue stays open, in milliseconds; undefined where it has none. */
  readonly coolingMs: (venue: string) => number | undefined;
}

interface Passed {
  readonly breakers: readonly string[];
}

export class PolicyGate implements Gate {
  readonly #options: PolicyGateOptions;
  readonly #passed = new Map<PendingCallState, Passed>();

  constructor(options: PolicyGateOptions) {
    this.#options = options;
  }

  ask(call: PendingCallState, purpose: Purpose, now: number): Hold | undefined {
    const { breakers, limits, venues: overrides, coolingMs } = this.#options;
    const venues = venuesOf(call.activity, overrides);
    if (venues.length === 0) return undefined;
    const group = groupOf(call.activity, purpose);
    const probeMs = call.activity.timeouts.attemptMs + PROBE_MARGIN_MS;
    const asking = { holder: holderOf(call), now, probeMs };
    const watched = venues
      .filter((venue) => coolingMs(venue) !== undefined)
      .map((venue) => breakerName(venue, group));
    const probes: BreakerState[] = [];
    for (const name of watched) {
      const answer = breakers.ask(name, asking);
      if (answer.kind === "probe") probes.push(answer.state);
      if (answer.kind === "wait") return this.#open(name, answer.until, now);
    }
    const { account } = call.identity;
    const first =
      purpose === "ask" || reduces({ activity: call.activity, input: call.command.input });
    const hold = limits.enter(call, { venues, account, first }, now);
    if (hold !== undefined) return hold;
    for (const probe of probes) breakers.keep(probe);
    this.#passed.set(call, { breakers: watched });
    return undefined;
  }

  ended(call: PendingCallState, end: End, now: number): void {
    const passed = this.#passed.get(call);
    if (passed === undefined) return;
    this.#passed.delete(call);
    const { bell, breakers, limits } = this.#options;
    const failure: Failure | undefined = end.kind === "failed" ? end.failure : undefined;
    for (const { queue, count } of limits.leave(call, failure, now)) bell(queue, { count });
    const told = { holder: holderOf(call), now, failure, dropped: end.kind === "dropped" };
    for (const name of passed.breakers) {
      const before = breakers.get(name, now);
      const change = breakers.tell(name, told);
      if (change !== undefined) this.ring(change);
      // A probe that told nothing: the next one goes.
      else if (before !== breakers.get(name, now) && before.mode === "half-open")
        bell(queueOf(name), { count: 1 });
    }
  }

  rest(call: PendingCallState, ms: number, now: number): void {
    const { limits, venues } = this.#options;
    limits.rest(venuesOf(call.activity, venues), call.identity.account, ms, now);
  }

  /** A breaker is in another mode: who waits at it looks again. */
  ring({ name, to, actor }: BreakerChange): void {
    const [venue = name] = name.split("/");
    const coolingMs = this.#options.coolingMs(venue) ?? 0;
    if (to === "half-open" || (to === "open" && actor === undefined)) return;
    this.#options.bell(queueOf(name), { spreadMs: to === "closed" ? coolingMs * SPREAD : 0 });
  }

  #open(name: string, until: number | undefined, now: number): Hold {
    const { breakers, random, coolingMs } = this.#options;
    const [venue = name] = name.split("/");
    const spread = Math.round(random.next() * (coolingMs(venue) ?? 0) * SPREAD);
    return {
      queue: queueOf(name),
      until: until === undefined ? undefined : until + spread,
      failure: breakerOpen(breakers.get(name, now)),
    };
  }
}

function queueOf(name: string): string {
  return `breaker ${name}`;
}

/** The same for every attempt of a call. */
function holderOf({ run, command }: PendingCallState): string {
  return `${run}/${command.call}`;
}
