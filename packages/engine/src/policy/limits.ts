// The limits of a process: a bulkhead for each venue and account. A venue's wish to be left alone slows that account,
// whether it refused a call or only said that there is nothing left for the next one.

import {
  Bulkhead,
  type BulkheadWait,
  type Failure,
  HoldfastError,
  type Policies,
  type Random,
  toFailure,
} from "@holdfast/core";

/** Who asks, and where. */
export interface LimitAsking {
  readonly venues: readonly string[];
  readonly account: string;
  /** True where it goes before all others: what it finds out is wanted most. */
  readonly first: boolean;
}

export interface LimitHold {
  /** Who waits together. */
  readonly queue: string;
  /** In milliseconds since the epoch. */
  readonly until: number;
  readonly failure: Failure;
}

/** Places that are free: how many of a queue may ask again. */
export interface Freed {
  readonly queue: string;
  readonly count: number;
}

/** Whoever waits for another's end looks by itself after so long, in milliseconds. */
const AGAIN_MS = 1_000;

/** After a rest calls come back spread over this part of it, and no longer than so many milliseconds. */
const SPREAD = 0.1;
const SPREAD_MS_MAX = 5_000;

export class Limits {
  readonly #policies: Policies;
  readonly #random: Random;
  readonly #bulkheads = new Map<string, Bulkhead>();
  readonly #inside = new Map<object, readonly string[]>();

  constructor(policies: Policies, random: Random) {
    this.#policies = policies;
    this.#random = random;
  }

  /** Lets a call in everywhere, or nowhere. */
  enter(who: object, { venues, account, first }: LimitAsking, now: number): LimitHold | undefined {
    const names = venues.map((venue) => `${venue}/${account}`);
    for (const [index, venue] of venues.entries()) {
      const name = names[index] ?? venue;
      const wait = this.#of(venue, name).ask(who, now, first);
      if (wait === undefined) continue;
      for (const before of names.slice(0, index)) this.#bulkheads.get(before)?.leave(who);
      return {
        queue: queueOf(name, first),
        until: this.#again(wait, now),
        failure: busy(name, wait.until),
      };
    }
    this.#inside.set(who, names);
    return undefined;
  }

  /** What was let in has ended; gives who may ask now, the first first. */
  leave(who: object, failure: Failure | undefined, now: number): readonly Freed[] {
    const names = this.#inside.get(who) ?? [];
    this.#inside.delete(who);
    const throttled = failure?.disposition === "retry-after" && failure.class === "api";
    return names.flatMap((name) => {
      const bulkhead = this.#bulkheads.get(name);
      if (bulkhead === undefined) return [];
      bulkhead.leave(who);
      if (throttled) bulkhead.rest(now, failure.retryAfterMs);
      const count = bulkhead.free;
      // Without a limit on calls at once nobody waits for another's end.
      if (count === Infinity) return [];
      return [
        { queue: queueOf(name, true), count: count + 1 },
        { queue: queueOf(name, false), count },
      ];
    });
  }

  /** The venues ask the account to rest, for so many milliseconds from now. */
  rest(venues: readonly string[], account: string, ms: number, now: number): void {
    for (const venue of venues) this.#of(venue, `${venue}/${account}`).rest(now, ms);
  }

  #again({ until, rests = false }: BulkheadWait, now: number): number {
    if (until === undefined) return now + AGAIN_MS;
    const spread = rests ? Math.min((until - now) * SPREAD, SPREAD_MS_MAX) : 0;
    return until + Math.round(this.#random.next() * spread);
  }

  #of(venue: string, name: string): Bulkhead {
    let found = this.#bulkheads.get(name);
    if (found === undefined) {
      found = new Bulkhead(this.#policies.of(venue).bulkhead);
      this.#bulkheads.set(name, found);
    }
    return found;
  }
}

function queueOf(name: string, first: boolean): string {
  return `${first ? "first" : "limit"} ${name}`;
}

function busy(name: string, until: number | undefined): Failure {
  const why =
    until === undefined
      ? "as many as may are there already"
      : `its rate allows the next at ${new Date(until).toISOString()}`;
  return toFailure(
    new HoldfastError(
      "HF-VENUE-BUSY",
      `Cannot send for "${name}": ${why}. Nothing was sent. Raise its limits (policies), or send less.`,
      { class: "resource", disposition: "retry", outcome: "not-sent" },
    ),
  );
}
