// What has become known of pending calls since the last commit: written along with the next one.

import { standsStill, type PendingCallState, placeOfCall, rowOf } from "../call/pending.ts";
import type { Store } from "../store/store.ts";

export class CallBook {
  readonly #calls = new Set<PendingCallState>();
  #waiting: (() => void)[] = [];
  #written: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#calls.size === 0;
  }

  /** Notes that a call is to be written; `then` is called once it is on disk. */
  add(call: PendingCallState, then?: () => void): void {
    this.#calls.add(call);
    if (then !== undefined) this.#waiting.push(then);
  }

  /** To be called inside the commit's transaction. */
  write(store: Store): void {
    for (const call of this.#calls) writeCall(store, call);
    this.#calls.clear();
    this.#written = this.#waiting;
    this.#waiting = [];
  }

  /** To be called after the commit. */
  tell(): void {
    for (const then of this.#written.splice(0)) then();
  }
}

function writeCall(store: Store, call: PendingCallState): void {
  const { phase, command, unknown, sentAt } = call;
  const over = phase === "settled" || standsStill(call);
  // The row of a call that has its outcome goes with the fact that says so.
  if (!over || call.stored) {
    call.stored = true;
    store.calls.put(placeOfCall(call), rowOf(call));
  }
  if (unknown && sentAt !== undefined && command.key !== undefined) {
    store.intents.sent(command.key, sentAt);
  }
}
