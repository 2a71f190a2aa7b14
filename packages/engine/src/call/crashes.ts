// Counts, when a journal is taken over after a crash, which calls were in flight. One that was twice in a row is
// run alone from then on; one that was alone three times is put in quarantine. A clean stop counts nothing.

import { type Fact, toFailure } from "@holdfast/core";
import type { CallPlace } from "../store/calls.ts";
import { neverBegan } from "./lane.ts";
import type { PendingCallState } from "./pending.ts";
import { quarantined } from "./problem.ts";

/** Crashes of a call that ran alone after which it is not tried again. */
export const CRASHES_ALONE_MAX = 3;

export interface CrashesOptions {
  /** True where the owner before did not close the journal. */
  readonly crashed: boolean;
  /** The call that was in flight alone; its crash is counted already. */
  readonly alone: CallPlace | undefined;
  /** Writes down what is known of a call. */
  readonly book: (call: PendingCallState) => void;
}

export class Crashes {
  readonly #options: CrashesOptions;
  #counting: boolean;

  constructor(options: CrashesOptions) {
    this.#options = options;
    this.#counting = options.crashed;
  }

  /** What is taken up from now on was not in flight at the crash. */
  end(): void {
    this.#counting = false;
  }

  /**
   * Counts the crash for a call that is taken up; gives a fact where the call goes into quarantine. Whether a
   * call that was due had begun is not known, and costs it no more than a turn of its own.
   */
  count(call: PendingCallState, now: number): Fact | undefined {
    const { alone, book } = this.#options;
    if (!this.#counting || !mayHaveBegun(call, now)) return undefined;
    if (alone === undefined) {
      call.crashes += 1;
      book(call);
      return undefined;
    }
    const { command } = call;
    if (alone.run !== call.run || alone.call !== command.call) return undefined;
    if (call.crashesAlone < CRASHES_ALONE_MAX) return undefined;
    call.phase = "quarantined";
    return { kind: "quarantined", call: command.call, failure: toFailure(quarantined(call)) };
  }
}

function mayHaveBegun(call: PendingCallState, now: number): boolean {
  const { phase, nextAt } = call;
  return phase === "queued" && (nextAt === undefined || nextAt <= now) && !neverBegan(call);
}
