// Lets the attempts of a worker begin when it is their turn, and sees to it that whoever comes after a crash finds
// which were in flight, and which was alone.

import type { Clock } from "@holdfast/core";
import { CRASHES_UNTIL_ALONE } from "@holdfast/engine/activity-side";
import type { Call } from "./given.ts";
import { NO_TURN, type Place, type Turn, Turns } from "./turns.ts";

export class Entrance {
  readonly turns: Turns = new Turns();
  readonly #clock: Clock;
  #waiting = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Attempts in line. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Undefined where it is not to begin any more. A local call has no turn: nothing is known of it at the server. */
  async enter(call: Call): Promise<Turn | undefined> {
    const { given } = call;
    if (given.isLocal) return NO_TURN;
    const place = placeOf(call);
    const turn = this.turns.tryEnter(place) ?? (await this.#wait(call, place));
    if (turn === undefined) return undefined;
    try {
      await given.begin(turn.alone);
    } catch (error) {
      turn[Symbol.dispose]();
      throw error;
    }
    return turn;
  }

  async #wait(call: Call, place: Place): Promise<Turn | undefined> {
    const { given, activity, deadlineAt } = call;
    await given.inLine();
    const unwanted = new AbortController();
    const leave = (): void => unwanted.abort();
    given.abandoned.addEventListener("abort", leave, { once: true });
    if (given.abandoned.aborted) leave();
    // What may have been sent must become known, however late.
    const isFree = activity.effect !== "money";
    const timer = isFree ? this.#clock.setTimer(deadlineAt, leave) : undefined;
    if (isFree) given.cancelled.addEventListener("abort", leave, { once: true });
    if (isFree && given.cancelled.aborted) leave();
    this.#waiting += 1;
    try {
      return await this.turns.enter(place, unwanted.signal);
    } finally {
      this.#waiting -= 1;
      timer?.cancel();
      given.abandoned.removeEventListener("abort", leave);
      given.cancelled.removeEventListener("abort", leave);
    }
  }
}

function placeOf({ given }: Call): Place {
  const { suspicion, envelope } = given;
  return {
    suspect: suspicion.crashes >= CRASHES_UNTIL_ALONE,
    lost: suspicion.lost,
    at: envelope.scheduledAt,
    name: `${envelope.id}/${envelope.generation}/${String(envelope.call).padStart(9, "0")}`,
  };
}
