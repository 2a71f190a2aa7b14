// What a workflow waits for: calls, time, conditions. Each is a command and a promise that a later fact
// settles. A cancellation interrupts the waits that are not shielded.

import {
  type Activity,
  type CallOptions,
  type Command,
  type Duration,
  HoldfastError,
  type TryResult,
  durationMs,
  idempotencyKey,
  parseId,
  toFailure,
} from "@holdfast/core";
import { encodePayloadWithCopy } from "@holdfast/core/internal";
import type { CancelScope } from "./cancel-scope.ts";
import { cancelled } from "./cancelled.ts";
import type { Machine } from "./machine.ts";
import { placeOf } from "./place.ts";
import { waiter } from "./promise.ts";

const ignore = (): void => undefined;
const NO_OPTIONS: CallOptions = {};

export class Waits {
  readonly #machine: Machine;
  readonly #scope: CancelScope;

  constructor(machine: Machine, scope: CancelScope) {
    this.#machine = machine;
    this.#scope = scope;
  }

  call(activity: Activity, input: unknown, options: CallOptions = NO_OPTIONS): Promise<unknown> {
    const machine = this.#machine;
    machine.enter("call");
    const stop = this.#interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    let asked: Asked;
    try {
      asked = ask(machine, activity, input, options);
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code !== "HF-CODEC-UNSUPPORTED") throw error;
      // A value that cannot cross a boundary is a bug of the code: the run waits for code that fits.
      machine.bug(failure.code, `the input of activity ${activity.name}: ${failure.message}`);
      return new Promise(ignore);
    }
    const { command } = asked;
    const scope = this.#scope;
    machine.hasActed = true;
    machine.command(command);
    const { promise, resolve, reject } = waiter();
    machine.waiting.calls.set(command.call, {
      activity,
      command,
      input: asked.input,
      resolve,
      reject,
      scope,
      parked: undefined,
      cancelAsked: false,
    });
    return promise;
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
      // Only a cancellation of this part of the run is thrown on: everything else is what `try` is for.
      if (failure.code === "HF-CANCELLED" && this.#scope.cancelled !== undefined) throw error;
      const declared = activity.failures.some(({ code }) => code === failure.code);
      return { ok: false, declared, failure };
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
    const scope = this.#scope;
    machine.enter("until");
    const stop = this.#interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    machine.hasActed = true;
    const { timers, conditions } = machine.waiting;
    const timer = timeout === undefined ? undefined : machine.waiting.next("timer");
    const { promise, resolve, reject } = waiter<boolean>();
    if (timer !== undefined && timeout !== undefined) {
      const at = machine.now + durationMs(timeout);
      machine.command({ kind: "timer", timer, at });
      const late = (): void => {
        conditions.drop(timer);
        resolve(false);
      };
      timers.set(timer, { at, scope, resolve: late, reject: ignore });
    }
    conditions.add({ predicate, timer, scope, reject, resolve });
    return promise;
  }

  #timer(at: number): Promise<void> {
    const stop = this.#interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    const { waiting } = this.#machine;
    const scope = this.#scope;
    const timer = waiting.next("timer");
    this.#machine.hasActed = true;
    this.#machine.command({ kind: "timer", timer, at });
    const { promise, resolve, reject } = waiter<void>();
    waiting.timers.set(timer, { at, scope, resolve, reject });
    return promise;
  }

  #interrupted(): HoldfastError | undefined {
    const reason = this.#scope.cancelled;
    return reason === undefined ? undefined : cancelled(this.#machine.identity.id, reason);
  }
}

/** A call as it is asked for. */
interface Asked {
  readonly command: Command & { readonly kind: "call" };
  /** The input decoded, where it is at hand. */
  readonly input: unknown;
}

function ask(machine: Machine, activity: Activity, value: unknown, options: CallOptions): Asked {
  const { name, effect, timeouts } = activity;
  if (options.key !== undefined && machine.chance.isIn(options.key)) throw keyDrawn(name);
  const ordinal = machine.ordinal(name);
  const call = machine.waiting.next("call");
  const { text, copy } = encodePayloadWithCopy(value, `the input of activity ${name}`);
  const totalMs = options.total === undefined ? timeouts.totalMs : durationMs(options.total);
  // What follows from the position and concerns nobody outside is not written down.
  if (effect === "none" && options === NO_OPTIONS) {
    const kind = "call";
    const command = { kind, call, activity: name, effect, input: text, ordinal, totalMs } as const;
    return { command, input: copy };
  }
  const place =
    effect === "none" && options.key === undefined
      ? undefined
      : placeOf(machine.identity, name, ordinal, options);
  const ref = options.ref === undefined ? place?.ref : parseId(options.ref, "ref");
  const command = {
    kind: "call",
    call,
    activity: name,
    effect,
    input: text,
    ...(ref === undefined ? {} : { ref }),
    ...(place === undefined ? { ordinal } : { key: idempotencyKey(place.key) }),
    totalMs,
    ...(options.local === true ? { local: checkLocal(activity) } : {}),
  } as const;
  return { command, input: copy };
}

function checkLocal(activity: Activity): true {
  if (activity.thread !== undefined) {
    throw new HoldfastError(
      "HF-LOCAL-THREAD",
      `Cannot call activity "${activity.name}" locally: it runs in a thread, and a local call within the activation. Leave out "local".`,
    );
  }
  if (activity.effect === "none") return true;
  throw new HoldfastError(
    "HF-LOCAL-EFFECT",
    `Cannot call activity "${activity.name}" locally: its effect is "${activity.effect}", and what is done within an activation may be done again after a crash. Leave out "local".`,
  );
}

function keyDrawn(activity: string): HoldfastError {
  return new HoldfastError(
    "HF-KEY-RANDOM",
    `Cannot call activity "${activity}" under a key that was drawn by ctx.random() or ctx.uuid(): changed code would draw another one, and act again. Leave the key out, or name the decision.`,
  );
}
