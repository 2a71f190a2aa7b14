// One call at a time for each account at a venue that honours no keys: what it has done is then told by what has
// changed there since the call began. From the first attempt until its outcome is on disk, no other call of the
// account begins, across restarts too.

import type { PendingCallState } from "./pending.ts";

interface Lane {
  /** Calls that may have been sent: one, or what a restart found. */
  readonly holders: Set<PendingCallState>;
  readonly waiting: Map<PendingCallState, Begin>;
}

/** What to do with a call whose turn it is. */
type Begin = (call: PendingCallState) => void;

export interface LanesOptions {
  /** Writes down what is known of a call; `then` once it is on disk. */
  readonly book: (call: PendingCallState, then: () => void) => void;
}

/** True for a call whose repetition the venue would not notice. */
export function isKeyless({ activity, venue }: PendingCallState): boolean {
  return activity.effect === "money" && venue.idempotency === "none";
}

/** True after a restart for a call of which no attempt began: that one does is on disk before. */
export function neverBegan(call: PendingCallState): boolean {
  return isKeyless(call) && call.attempt === 0;
}

/** True after a restart for a call that waited for its next attempt, with nothing in doubt about those before. */
export function waitsUnsent(call: PendingCallState): boolean {
  const { nextAt, lastFailure } = call;
  return isKeyless(call) && nextAt !== undefined && lastFailure?.outcome === "not-sent";
}

export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes = new Map<string, Lane>();
  #isOpen = false;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** Lets calls begin: to be called when all that a restart has found holds its lane. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    for (const lane of this.#lanes.values()) this.#advance(lane);
  }

  /** A restart found a call that may have been sent: nobody else begins before its outcome is known. */
  hold(call: PendingCallState): void {
    if (isKeyless(call)) this.#laneOf(call).holders.add(call);
  }

  /** Begins a call when its account has no other on its way, and it is on disk that it does. */
  enter(call: PendingCallState, begin: Begin): void {
    if (!isKeyless(call)) {
      begin(call);
      return;
    }
    call.phase = "queued";
    const lane = this.#laneOf(call);
    if (lane.holders.has(call)) this.#begin(call, begin);
    else {
      lane.waiting.set(call, begin);
      this.#advance(lane);
    }
  }

  /** The call is not to begin any more. */
  forget(call: PendingCallState): void {
    this.#lanes.get(call.identity.account)?.waiting.delete(call);
  }

  /**
   * The call has its outcome, or was not sent: the next one may begin. The outcome was handed over before: it is on
   * disk with the first thing that is written of the next call, at the latest.
   */
  leave(call: PendingCallState): void {
    const lane = this.#lanes.get(call.identity.account);
    if (lane?.holders.has(call) !== true) return;
    this.#options.book(call, () => {
      // It may have begun again meanwhile.
      if (call.phase !== "queued" && call.phase !== "running") this.#left(call, lane);
    });
  }

  #left(call: PendingCallState, lane: Lane): void {
    lane.holders.delete(call);
    if (lane.holders.size + lane.waiting.size > 0) this.#advance(lane);
    else this.#lanes.delete(call.identity.account);
  }

  #advance({ holders, waiting }: Lane): void {
    if (!this.#isOpen || holders.size > 0) return;
    const call = oldest(waiting.keys());
    const begin = call === undefined ? undefined : waiting.get(call);
    if (call === undefined || begin === undefined) return;
    waiting.delete(call);
    holders.add(call);
    this.#begin(call, begin);
  }

  #begin(call: PendingCallState, begin: Begin): void {
    call.isDue = true;
    call.nextAt = undefined;
    this.#options.book(call, () => {
      if (call.phase === "queued") begin(call);
    });
  }

  #laneOf({ identity: { account } }: PendingCallState): Lane {
    let lane = this.#lanes.get(account);
    if (lane === undefined) {
      lane = { holders: new Set(), waiting: new Map() };
      this.#lanes.set(account, lane);
    }
    return lane;
  }
}

/** Whoever was decided first goes first, whatever order a restart found them in. */
function oldest(calls: Iterable<PendingCallState>): PendingCallState | undefined {
  let first: PendingCallState | undefined;
  for (const call of calls) {
    if (first === undefined || call.scheduledAt < first.scheduledAt) first = call;
  }
  return first;
}
