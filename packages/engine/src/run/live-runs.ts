// The runs in memory, those longest at rest first. A run at rest leaves after a while; its journal brings it
// back.

import { CHEAP_ENTRIES, NAP_MS } from "../options.ts";
import type { LiveRun } from "./live-run.ts";

export interface LiveRunsOptions {
  /** How long a run at rest stays, in milliseconds. */
  readonly evictAfterMs: number;
  /** Runs kept at most, beyond those that are busy. */
  readonly cachedRuns: number;
}

/**
 * Where a run stands while it is in memory. Maps that grow and shrink leave old tables behind, which hold what they
 * held until the next full collection: a slot that is empty by then, and not the run.
 */
interface Slot {
  live: LiveRun | undefined;
}

export class LiveRuns {
  readonly #options: LiveRunsOptions;
  readonly #byRow = new Map<number, Slot>();
  /** Open runs by workflow id. */
  readonly #byId = new Map<string, Slot>();
  // The line: a list through the runs themselves, because every activation moves its run to the end.
  #oldest: LiveRun | undefined;
  #newest: LiveRun | undefined;

  constructor(options: LiveRunsOptions) {
    this.#options = options;
  }

  get(row: number): LiveRun | undefined {
    return this.#byRow.get(row)?.live;
  }

  /** The open run with this workflow id. */
  open(id: string): LiveRun | undefined {
    return this.#byId.get(id)?.live;
  }

  /** Puts a run at the end of the line. */
  keep(live: LiveRun): void {
    const { row, id } = live.row;
    const before = this.#byRow.get(row);
    if (before?.live !== undefined) this.#takeOut(before.live);
    const slot = before?.live === live ? before : { live };
    if (before !== slot) this.#byRow.set(row, slot);
    this.#putLast(live);
    if (!live.closed && this.#byId.get(id) !== slot) this.#byId.set(id, slot);
  }

  forget(live: LiveRun): void {
    const { row, id } = live.row;
    const slot = this.#byRow.get(row);
    if (slot?.live !== undefined) this.#takeOut(slot.live);
    this.#byRow.delete(row);
    if (this.open(id) === live) this.#byId.delete(id);
    if (slot?.live === live) slot.live = undefined;
  }

  clear(): void {
    this.#byRow.clear();
    this.#byId.clear();
    this.#oldest = undefined;
    this.#newest = undefined;
  }

  /** Lets a run that came to rest go at once, where nothing is kept, or keeping it is not worth while. */
  rest(live: LiveRun, now: number): void {
    if (this.#options.evictAfterMs > 0 && !sleepsWell(live, now)) return;
    live.machine = undefined;
    if (live.calls.size === 0) this.forget(live);
  }

  /** Lets go of runs that have been at rest for too long, or are too many. */
  evict(now: number): void {
    const { evictAfterMs, cachedRuns } = this.#options;
    let next = this.#oldest;
    while (next !== undefined) {
      const live = next;
      next = live.newer;
      if (live.parkedAt >= now - evictAfterMs && this.#byRow.size <= cachedRuns) return;
      if (live.calls.size === 0) {
        this.forget(live);
        continue;
      }
      // A busy run moves to the end of the line; when all are busy, they are more than the cache wants.
      live.parkedAt = now;
      this.keep(live);
      if (this.#byRow.size > cachedRuns) return;
    }
  }

  #putLast(live: LiveRun): void {
    live.older = this.#newest;
    live.newer = undefined;
    if (this.#newest === undefined) this.#oldest = live;
    else this.#newest.newer = live;
    this.#newest = live;
  }

  #takeOut(live: LiveRun): void {
    if (live.older === undefined) this.#oldest = live.newer;
    else live.older.newer = live.newer;
    if (live.newer === undefined) this.#newest = live.older;
    else live.newer.older = live.older;
    live.older = undefined;
    live.newer = undefined;
  }
}

/** True for a run that does nothing but sleep, for long enough, and is cheap to bring back. */
function sleepsWell({ calls, state, fold }: LiveRun, now: number): boolean {
  const { wakeAt } = state;
  return (
    wakeAt !== undefined &&
    wakeAt > now + NAP_MS &&
    calls.size === 0 &&
    fold.length <= CHEAP_ENTRIES
  );
}
