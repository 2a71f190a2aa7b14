// The gate of a process that has more to do than it can: attempts of runs of low priority wait, and go on when the
// load says so. Money never waits here: what has begun to act must come to its end.

import { HoldfastError, type Load, type Priority, toFailure } from "@holdfast/core";
import type { Bell, MakeGate } from "./gate.ts";
import type { PendingCallState } from "./pending.ts";

/** Over how long those begin again who have waited, in milliseconds: all at once would be the next load. */
const SPREAD_MS = 1_000;
/** In the order in which they go on. */
const WAITING: readonly Priority[] = ["normal", "low"];

export class Shedding implements Disposable {
  readonly #load: Load;
  readonly #priorityOf: (workflow: string) => Priority;
  #listening: Disposable | undefined;

  constructor(load: Load, priorityOf: (workflow: string) => Priority) {
    this.#load = load;
    this.#priorityOf = priorityOf;
  }

  readonly gate: MakeGate = (bell) => {
    this.#listening?.[Symbol.dispose]();
    this.#listening = this.#load.onEased(() => {
      this.#ring(bell);
    });
    return {
      ask: (call) => {
        const priority = this.#priorityOf(call.identity.workflow);
        if (call.activity.effect === "money" || !this.#load.sheds(priority)) return undefined;
        return { queue: queueOf(priority), until: undefined, failure: toFailure(shed(call)) };
      },
      ended: () => undefined,
    };
  };

  [Symbol.dispose](): void {
    this.#listening?.[Symbol.dispose]();
  }

  #ring(bell: Bell): void {
    for (const priority of WAITING) {
      if (!this.#load.sheds(priority)) bell(queueOf(priority), { spreadMs: SPREAD_MS });
    }
  }
}

function queueOf(priority: Priority): string {
  return `load/${priority}`;
}

/** What a call fails with whose total ends while it waits. */
function shed({ activity: { name } }: Pick<PendingCallState, "activity">): HoldfastError {
  return new HoldfastError(
    "HF-OVERLOADED",
    `Cannot start activity "${name}": the process is short of something, and its total was over before that was better. Nothing was sent.`,
    { class: "resource", disposition: "retry-after", outcome: "not-sent" },
  );
}
