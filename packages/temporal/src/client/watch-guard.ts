// The guard of a project whose processes share a store: what people ask here is told at once, and what other processes
// or time have changed when this one looks next.

import {
  type ApprovalRow,
  type BreakerChange,
  type BreakerState,
  type Clock,
  type Guard,
  type GuardPolicy,
  type IntentStore,
  type Log,
  type ModeChange,
  type ModeNews,
  type StoreGuard,
  type TimerHandle,
  toFailure,
} from "@holdfast/core";
import { followBreaker, followBreakers } from "@holdfast/engine/activity-side";
import { every } from "../clock/every.ts";

/** How often is looked for what other processes have changed, in milliseconds. */
const LOOK_MS = 1_000;
/** How often runs are looked for that were not told of an answer, in milliseconds. */
const UNTOLD_MS = 60_000;

export interface WatchGuardOptions {
  readonly intents: IntentStore;
  readonly policy: GuardPolicy | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly onModes: ((changes: readonly ModeChange[]) => void) | undefined;
  /** Modes have changed: whoever they hold back asks again. */
  readonly ring: () => void;
  /** Tells the run that waits for an answer what it was. */
  readonly answered: (row: ApprovalRow) => Promise<void>;
  /** The breakers that there are. */
  readonly breakers: () => Promise<readonly BreakerState[]>;
  /** Keys of the calls that wait for an answer, as their runs know it. */
  readonly waiting: () => Promise<readonly string[]>;
}

export interface GuardWatch extends Disposable {
  readonly guard: Guard;
  /** Looks on their way. */
  readonly working: number;
  /** Something has changed here. */
  look(): void;
  /** A breaker has changed here. */
  follow(change: BreakerChange): void;
}

/** Takes up the policy, and looks until it is disposed of. */
export async function watchGuard(options: WatchGuardOptions): Promise<GuardWatch> {
  const { intents, policy, clock } = options;
  const desk = await intents.guardBy({ policy, now: () => clock.now() });
  return new Watch(desk, (await desk.news()).position, options);
}

class Watch implements GuardWatch {
  readonly guard: Guard;
  readonly #desk: StoreGuard;
  readonly #options: WatchGuardOptions;
  readonly #ticks: readonly Disposable[];
  #position: number;
  #looking: Promise<void> | undefined;
  #timer: TimerHandle | undefined;
  #nextAt: number | undefined;
  #isClosed = false;
  #isFailing = false;
  working = 0;

  constructor(desk: StoreGuard, position: number, options: WatchGuardOptions) {
    this.#desk = desk;
    this.#position = position;
    this.#options = options;
    this.guard = this.#told(desk);
    this.#ticks = [
      every(LOOK_MS, () => void this.#look()),
      every(UNTOLD_MS, () => void this.#work(() => this.#tellUntold())),
    ];
    void this.#look();
    void this.#work(() => this.#tellUntold());
    void this.#work(async () => followBreakers(this.guard, await options.breakers()));
  }

  follow(change: BreakerChange): void {
    void this.#work(() => followBreaker(this.guard, change));
  }

  look(): void {
    void this.#lookAgain();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const tick of this.#ticks) tick[Symbol.dispose]();
  }

  /** What is changed here is told before whoever asked goes on. */
  #told(desk: StoreGuard): Guard {
    const then = async <Value>(promise: Promise<Value>): Promise<Value> => {
      const value = await promise;
      await this.#lookAgain();
      return value;
    };
    return {
      status: () => desk.status(),
      halt: (request) => then(desk.halt(request)),
      lift: (request) => then(desk.lift(request)),
      approvals: (filter) => desk.approvals(filter),
      answer: async (answer) => {
        const row = await desk.answer(answer);
        // Where the run cannot be told now, it is later: the answer stands.
        await this.#work(() => this.#options.answered(row));
        return row;
      },
      audit: (page) => desk.audit(page),
      verifyAudit: (noted) => desk.verifyAudit(noted),
      breaker: (change) => then(desk.breaker(change)),
    };
  }

  /** One that is on its way may have looked before. */
  async #lookAgain(): Promise<void> {
    await this.#work(async () => {
      await this.#looking;
      await this.#look();
    });
  }

  /** One look at a time. */
  #look(): Promise<void> {
    this.#looking ??= this.#work(async () => {
      const news = await this.#desk.news(this.#position);
      this.#position = news.position;
      if (!this.#isClosed) await this.#tell(news);
    }).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #tell({ changes, expired, nextAt }: ModeNews): Promise<void> {
    const { log, onModes, ring, answered, clock } = this.#options;
    for (const { scope, cause, from = "FULL", to = "FULL", reason, actor } of changes)
      log.warn(`${scope}: ${from} → ${to} (${cause}: ${reason}).`, { actor });
    if (changes.length > 0) {
      onModes?.(changes);
      ring();
    }
    if (nextAt !== this.#nextAt) {
      this.#timer?.cancel();
      this.#nextAt = nextAt;
      this.#timer =
        nextAt === undefined
          ? undefined
          : clock.setTimer(nextAt, () => {
              this.#nextAt = undefined;
              void this.#look();
            });
    }
    for (const row of expired) await answered(row);
  }

  /** Answers that stand, and whose runs were not told: whoever wrote them has died. */
  async #tellUntold(): Promise<void> {
    const waiting = new Set(await this.#options.waiting());
    if (waiting.size === 0) return;
    const asked = new Set((await this.#desk.approvals({ state: "asked", limit: MANY })).map(keyOf));
    for (const row of await this.#desk.approvals({ limit: MANY })) {
      if (!waiting.delete(row.key) || asked.has(row.key)) continue;
      await this.#options.answered(row);
    }
  }

  async #work(body: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return;
    this.working += 1;
    try {
      await body();
      this.#isFailing = false;
    } catch (error) {
      const failure = toFailure(error).message;
      if (!this.#isFailing && !this.#isClosed)
        this.#options.log.warn("Cannot look after the guard; it is tried again.", { failure });
      this.#isFailing = true;
    } finally {
      this.working -= 1;
    }
  }
}

const MANY = 1_000;

function keyOf({ key }: ApprovalRow): string {
  return key;
}
