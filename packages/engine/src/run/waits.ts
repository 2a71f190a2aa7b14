// What a workflow waits for: calls, time, conditions. Each is a command and a promise that a later fact
// settles. A cancellation interrupts the waits that are not shielded.

import {
  type Activity,
  type CallOptions,
  type Command,
  type Duration,
  HoldfastError,
  PENDING_MAX,
  type TryResult,
  durationMs,
  encodePayload,
  idempotencyKey,
  parseId,
  toFailure,
} from "@holdfast/core";
import { cancelled } from "./cancelled.ts";
import type { Machine } from "./machine.ts";
import { placeOf } from "./place.ts";

const ignore = (): void => undefined;

export class Waits {
  readonly #machine: Machine;
  readonly #shielded: boolean;

  constructor(machine: Machine, shielded: boolean) {
    this.#machine = machine;
    this.#shielded = shielded;
  }

  call(activity: Activity, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const machine = this.#machine;
    machine.enter("call");
    const stop = this.#interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    if (machine.calls.size >= PENDING_MAX) throw tooManyPending(machine.identity.id);
    let command: Command & { readonly kind: "call" };
    try {
      command = callCommand(machine, activity, input, options);
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code !== "HF-CODEC-UNSUPPORTED") throw error;
      // A value that cannot cross a boundary is a bug of the code: the run waits for code that fits.
      machine.bug(failure.code, `the input of activity ${activity.name}: ${failure.message}`);
      return new Promise(ignore);
    }
    const shielded = this.#shielded;
    return wait((resolve, reject) => {
      machine.command(command);
      const waiter = { activity, command, resolve, reject, shielded, inDoubt: false };
      machine.calls.set(command.call, waiter);
    });
  }

  async try(
    activity: Activity,
    input: unknown,
    options?: CallOptions,
  ): Promise<TryResult<unknown>> {
    try {
      return { ok: true, value: await this.call(activity, input, options) };
    } catch (error) {
      const failure = toFailure(error);
      // Only a cancellation of this run is thrown on: everything else is what `try` is for.
      if (failure.code === "HF-CANCELLED" && this.#machine.cancelReason !== undefined) throw error;
      return { ok: false, failure };
    }
  }

  sleep(duration: Duration): Promise<void> {
    this.#machine.enter("sleep");
    return this.#timer(this.#machine.now + durationMs(duration));
  }

  sleepUntil(instant: number | Date): Promise<void> {
    this.#machine.enter("sleepUntil");
    const at = typeof instant === "number" ? instant : instant.getTime();
    if (Number.isFinite(at)) return this.#timer(Math.ceil(at));
    throw new HoldfastError(
      "HF-INSTANT-INVALID",
      `Cannot sleep until ${String(instant)}: expected milliseconds since the epoch or a Date.`,
    );
  }

  until(predicate: () => boolean, timeout?: Duration): Promise<boolean> {
    const machine = this.#machine;
    const shielded = this.#shielded;
    machine.enter("until");
    const stop = this.#interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    return wait<boolean>((resolve, reject) => {
      const timer = timeout === undefined ? undefined : machine.nextTimer();
      if (timer !== undefined && timeout !== undefined) {
        const at = machine.now + durationMs(timeout);
        machine.command({ kind: "timer", timer, at });
        const late = (): void => {
          machine.conditions.drop(timer);
          resolve(false);
        };
        machine.timers.set(timer, { at, shielded, resolve: late, reject: ignore });
      }
      const settle = resolve as (value: unknown) => void;
      machine.conditions.add({ predicate, timer, shielded, reject, resolve: settle });
    });
  }

  #timer(at: number): Promise<void> {
    const stop = this.#interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    const machine = this.#machine;
    const shielded = this.#shielded;
    const timer = machine.nextTimer();
    machine.command({ kind: "timer", timer, at });
    return wait<void>((resolve, reject) => {
      const settle = resolve as (value: unknown) => void;
      machine.timers.set(timer, { at, shielded, reject, resolve: settle });
    });
  }

  #interrupted(): HoldfastError | undefined {
    const { cancelReason, identity } = this.#machine;
    if (cancelReason === undefined || this.#shielded) return undefined;
    return cancelled(identity.id, cancelReason);
  }
}

/** A promise whose rejection is never "unhandled": the loser of a race may fail later. */
function wait<Value>(
  begin: (resolve: (value: Value) => void, reject: (error: unknown) => void) => void,
): Promise<Value> {
  const promise = new Promise<Value>(begin);
  promise.catch(ignore);
  return promise;
}

function callCommand(
  machine: Machine,
  activity: Activity,
  input: unknown,
  options: CallOptions,
): Command & { readonly kind: "call" } {
  const { name, effect, timeouts } = activity;
  const ordinal = machine.ordinal(name);
  const place = placeOf(machine.identity, name, ordinal, options);
  const named = effect !== "none" || options.key !== undefined;
  const ref = options.ref === undefined ? place.ref : parseId(options.ref, "ref");
  return {
    kind: "call",
    call: machine.nextCall(),
    activity: name,
    effect,
    input: encodePayload(input, `the input of activity ${name}`),
    // What follows from the position and concerns nobody outside is not written down.
    ...(named || options.ref !== undefined ? { ref } : {}),
    ...(named ? { key: idempotencyKey(place.key) } : { ordinal }),
    totalMs: options.total === undefined ? timeouts.totalMs : durationMs(options.total),
  };
}

function tooManyPending(id: string): HoldfastError {
  return new HoldfastError(
    "HF-PENDING-LIMIT",
    `Cannot call another activity in run "${id}": ${PENDING_MAX} calls are open already. Await some of them first.`,
    { class: "resource" },
  );
}
