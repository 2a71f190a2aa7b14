// How many calls of one account may be at a venue at once, and how many a second; pure. A venue that asks to be left
// alone slows this account down and no other. Whoever goes first has places of its own.

export interface BulkheadPolicy {
  /** Calls at once; Infinity where there is no limit. */
  readonly concurrency: number;
  /** Calls a second, on average; Infinity where there is no limit. */
  readonly perSecond: number;
  /** Calls that may go at once after a rest. */
  readonly burst: number;
}

/** Why a call waits: `until` an instant, or, undefined, until one that runs has ended. */
export interface BulkheadWait {
  readonly until: number | undefined;
  /** True where the venue has asked for it: all that wait have the same instant. */
  readonly rests?: boolean;
}

/** How long an account rests that was told to wait, and not how long, in milliseconds. */
export const REST_MS = 1_000;
/** How long an account rests at most, in milliseconds: a day. */
const REST_MS_MAX = 86_400_000;
/** Past turns that nobody took are forgotten from this many on. */
const TURNS_MAX = 10_000;

export class Bulkhead {
  readonly #policy: BulkheadPolicy;
  readonly #running = new Set<object>();
  /** Turns that were given to calls which have not come back for them. */
  readonly #turns = new Map<object, number>();
  /** When the next call may go that comes after a rest; behind the present by at most the burst. */
  #next = Number.NEGATIVE_INFINITY;
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(policy: BulkheadPolicy) {
    this.#policy = policy;
  }

  /** Calls that are at the venue. */
  get running(): number {
    return this.#running.size;
  }

  /** How many more may go at once. */
  get free(): number {
    return Math.max(0, this.#policy.concurrency - this.#running.size);
  }

  /** Until when the venue has asked to be left alone, in milliseconds since the epoch; in the past otherwise. */
  get restUntil(): number {
    return this.#restUntil;
  }

  /**
   * Lets a call go, or says when it may ask again. Who is told an instant has a turn then.
   *
   * @param first true where it goes before all others: it may be one more than the limit
   */
  ask(who: object, now: number, first = false): BulkheadWait | undefined {
    const { concurrency, perSecond, burst } = this.#policy;
    if (now < this.#restUntil) {
      this.#turns.delete(who);
      return { until: this.#restUntil, rests: true };
    }
    if (this.#running.size >= concurrency + Number(first)) return { until: undefined };
    if (perSecond < Infinity) {
      const at = this.#turns.get(who) ?? this.#turn(now, 1_000 / perSecond, burst);
      if (at > now) {
        if (this.#turns.size >= TURNS_MAX) this.#turns.clear();
        this.#turns.set(who, at);
        return { until: at };
      }
      this.#turns.delete(who);
    }
    this.#running.add(who);
    return undefined;
  }

  /** A call has ended that was let go. False where it was not. */
  leave(who: object): boolean {
    return this.#running.delete(who);
  }

  /** The venue has asked to be left alone; turns before that are void. A rest that is longer stays. */
  rest(now: number, ms: number = REST_MS): void {
    this.#restUntil = Math.max(this.#restUntil, now + Math.ceil(Math.min(ms, REST_MS_MAX)));
  }

  #turn(now: number, everyMs: number, burst: number): number {
    this.#next = Math.max(this.#next, now - (burst - 1) * everyMs);
    const at = Math.ceil(this.#next);
    this.#next += everyMs;
    return at;
  }
}
