// What an attempt notes at the server while it runs: details for the next one, and whether it is in flight. An
// attempt that is lost with its worker leaves its last note, and by that the crash is counted.

import type { Encoded } from "@holdfast/core";
import type { Context } from "@temporalio/activity";
import type { CallEnvelope } from "../workflow/protocol.ts";
import { type Left, SUSPECT, type Suspicion, leftOf, suspicionOf, textOfLeft } from "./left.ts";

export interface NotesOptions {
  /** Asks the server to keep a beat, and waits until it has. */
  readonly keep: (taskToken: Uint8Array, left: Encoded) => Promise<void>;
  /** True once the worker is to die like a process: what it runs tells the server nothing more. */
  readonly crashed: () => boolean;
  readonly taken: Taken;
}

type Place = Pick<Context["info"], "workflowExecution" | "activityId" | "attempt">;

/** Attempts that are remembered: more than a worker runs at once. */
const TAKEN_MAX = 2_000;

/** Which attempts this worker has taken. It lives, so none of them was lost in a crash, whatever the server has heard. */
export class Taken {
  readonly #last = new Map<string, number>();

  /** True where it has taken the one before as well. */
  take({ workflowExecution, activityId, attempt }: Place): boolean {
    const place = `${workflowExecution?.runId}/${activityId}`;
    const isNext = this.#last.get(place) === attempt - 1;
    this.#last.delete(place);
    this.#last.set(place, attempt);
    const [oldest] = this.#last.keys();
    if (this.#last.size > TAKEN_MAX && oldest !== undefined) this.#last.delete(oldest);
    return isNext;
  }
}

export class Notes {
  readonly before: Left;
  readonly suspicion: Suspicion;
  readonly #options: NotesOptions;
  readonly #context: Context;
  #left: Left;
  /** What is told after something else was may wait in the SDK for a while. */
  #hasTold = false;

  constructor(options: NotesOptions, context: Context, { again }: CallEnvelope) {
    const { attempt } = context.info;
    const noted = context.info.heartbeatDetails as Encoded | undefined;
    this.#options = options;
    this.#context = context;
    this.before =
      noted === undefined ? { begun: again?.begun, details: again?.details } : leftOf(noted);
    const isResent = again?.suspect === true && noted === undefined;
    const left = isResent ? { ...this.before, ...SUSPECT } : this.before;
    // One that has ended as it should is the attempt before an own one.
    const counted = suspicionOf(left, options.taken.take(context.info) ? 1 : attempt);
    this.suspicion = counted;
    const { crashes, crashesAlone } = counted;
    this.#left = { ...this.before, by: attempt, flight: undefined, crashes, crashesAlone };
    this.#hearStop();
  }

  tell(): void {
    if (this.#options.crashed() || this.#context.info.isLocal) return;
    this.#hasTold = true;
    this.#context.heartbeat(textOfLeft(this.#left));
  }

  beat(next: Left): void {
    this.#take(next);
    this.tell();
  }

  async keep(next: Left): Promise<void> {
    this.#take(next);
    await this.#keep();
  }

  async inLine(): Promise<void> {
    this.#left = { ...this.#left, flight: "line" };
    // Without the note it counts as in flight, which costs it a turn of its own at most.
    await this.#keep().catch(() => undefined);
  }

  /** One that is alone begins when that is known for certain: the next crash is its own. */
  async begin(alone: boolean): Promise<void> {
    const { by, begun = 0, details, crashes, crashesAlone } = this.#left;
    const flight = alone ? "alone" : "beside";
    this.#left = { by, begun: begun + 1, details, crashes, crashesAlone, flight };
    if (alone || this.#hasTold) await this.#keep();
  }

  clear(): void {
    this.#left = { ...this.#left, crashes: undefined, crashesAlone: undefined };
  }

  /** Told with the failure of the attempt. */
  end(): void {
    this.#left = { ...this.#left, flight: undefined };
    this.tell();
  }

  /** How it stands with crashes is not for whoever runs the attempt to say. */
  #take(next: Left): void {
    const { by, flight, crashes, crashesAlone, begun } = this.#left;
    this.#left = { ...next, begun: next.begun ?? begun, by, flight, crashes, crashesAlone };
  }

  async #keep(): Promise<void> {
    const { info } = this.#context;
    if (info.isLocal) return;
    if (this.#options.crashed()) await new Promise<never>(() => undefined);
    // What waits in the SDK is not to come after it.
    this.tell();
    await this.#options.keep(info.taskToken, textOfLeft(this.#left));
  }

  /** A worker that stops in order has not died, whatever it leaves unfinished. */
  #hearStop(): void {
    const { cancellationSignal } = this.#context;
    const note = (): void => {
      if (this.#context.cancellationDetails?.workerShutdown !== true) return;
      if (this.#options.crashed() || this.#context.info.isLocal) return;
      this.#left = { ...this.#left, flight: undefined };
      this.#keep().catch(() => undefined);
    };
    cancellationSignal.addEventListener("abort", note, { once: true });
  }
}
