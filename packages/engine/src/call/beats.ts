// Writes the details of heartbeats down, so that they survive a crash: at most once a second for each call, and
// before most of its heartbeat time-out has passed. A call that ends sooner writes nothing for its beats.

import type { Clock } from "@holdfast/core";
import type { Alarms } from "../clock/alarms.ts";
import type { PendingCallState } from "./pending.ts";

/** Details are written no more often than this. */
export const BEAT_MS = 1_000;
/** The part of a heartbeat time-out after which they are written at the latest. */
const BEAT_SHARE = 0.8;

export interface BeatsOptions {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly book: (call: PendingCallState) => void;
}

export class Beats {
  readonly #options: BeatsOptions;

  constructor(options: BeatsOptions) {
    this.#options = options;
  }

  /** The call's details have changed. */
  add(call: PendingCallState): void {
    if (call.beat !== undefined) return;
    const { clock, alarms, book } = this.#options;
    const { heartbeatMs } = call.activity.timeouts;
    const everyMs = Math.min(BEAT_MS, (heartbeatMs ?? Infinity) * BEAT_SHARE);
    const due = (): void => {
      call.beat = undefined;
      call.beatAt = clock.now();
      book(call);
    };
    const at = call.beatAt + everyMs;
    if (at <= clock.now()) {
      due();
      return;
    }
    call.beat = alarms.set(at, due);
    alarms.rearm();
  }

  /** The attempt has ended: what it said last is written with its outcome, or not needed any more. */
  end(call: PendingCallState): void {
    this.#options.alarms.cancel(call.beat);
    call.beat = undefined;
  }
}
