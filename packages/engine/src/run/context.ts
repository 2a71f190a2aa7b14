// The workflow context of the embedded engine: each member turns what the workflow asks for into a command
// and a promise. It decides nothing and touches nothing outside its machine.

import {
  type Activity,
  type CallOptions,
  type Command,
  type Duration,
  HoldfastError,
  type Log,
  type LogFields,
  PENDING_MAX,
  type RunInfo,
  type TryResult,
  type WorkflowContext,
  decode,
  durationMs,
  encode,
  encodePayload,
  idempotencyKey,
  parseId,
  roundTrip,
  toFailure,
  uuidFrom,
} from "@holdfast/core";
import { isLoopEnd } from "@holdfast/core/internal";
import { cancelled } from "./cancelled.ts";
import type { Machine } from "./machine.ts";
import { placeOf } from "./place.ts";

const ignore = (): void => undefined;

/** Makes the context of a machine; a shielded one waits on through a cancellation. */
export function createContext(machine: Machine, shielded: boolean): WorkflowContext {
  const { identity } = machine;

  /** A promise whose rejection is never "unhandled": the loser of a race may fail later. */
  function wait<Value>(
    begin: (resolve: (value: Value) => void, reject: (error: unknown) => void) => void,
  ): Promise<Value> {
    const promise = new Promise<Value>(begin);
    promise.catch(ignore);
    return promise;
  }

  function interrupted(): HoldfastError | undefined {
    return machine.cancelReason !== undefined && !shielded
      ? cancelled(identity.id, machine.cancelReason)
      : undefined;
  }

  function call(activity: Activity, input: unknown, options: CallOptions = {}): Promise<unknown> {
    machine.enter("call");
    const stop = interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    if (machine.calls.size >= PENDING_MAX) throw tooManyPending(identity.id);
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
    return wait((resolve, reject) => {
      machine.command(command);
      machine.calls.set(command.call, {
        activity,
        command,
        resolve,
        reject,
        shielded,
        inDoubt: false,
      });
    });
  }

  function timer(at: number): Promise<void> {
    const number = machine.nextTimer();
    machine.command({ kind: "timer", timer: number, at });
    return wait<void>((resolve, reject) => {
      machine.timers.set(number, {
        at,
        resolve: resolve as (value: unknown) => void,
        reject,
        shielded,
      });
    });
  }

  function sleepUntil(at: number): Promise<void> {
    const stop = interrupted();
    if (stop !== undefined) return Promise.reject(stop);
    return timer(at);
  }

  const context: WorkflowContext = {
    get info() {
      return runInfo(machine);
    },
    log: workflowLog(machine),
    call: ((activity: Activity, input: unknown, options?: CallOptions) =>
      call(activity, input, options)) as WorkflowContext["call"],
    try: (async (
      activity: Activity,
      input: unknown,
      options?: CallOptions,
    ): Promise<TryResult<unknown>> => {
      try {
        return { ok: true, value: await call(activity, input, options) };
      } catch (error) {
        const failure = toFailure(error);
        // Only a cancellation of this run is thrown on: everything else is what `try` is for.
        if (failure.code === "HF-CANCELLED" && machine.cancelReason !== undefined) throw error;
        return { ok: false, failure };
      }
    }) as WorkflowContext["try"],
    sleep(duration: Duration) {
      machine.enter("sleep");
      return sleepUntil(machine.now + durationMs(duration));
    },
    sleepUntil(instant: number | Date) {
      machine.enter("sleepUntil");
      const at = typeof instant === "number" ? instant : instant.getTime();
      if (!Number.isFinite(at)) {
        throw new HoldfastError(
          "HF-INSTANT-INVALID",
          `Cannot sleep until ${String(instant)}: expected milliseconds since the epoch or a Date.`,
        );
      }
      return sleepUntil(Math.ceil(at));
    },
    until(predicate, timeout) {
      machine.enter("until");
      const stop = interrupted();
      if (stop !== undefined) return Promise.reject(stop);
      return wait<boolean>((resolve, reject) => {
        const number = timeout === undefined ? undefined : machine.nextTimer();
        if (number !== undefined && timeout !== undefined) {
          const at = machine.now + durationMs(timeout);
          machine.command({ kind: "timer", timer: number, at });
          machine.timers.set(number, {
            at,
            shielded,
            resolve: () => {
              machine.conditions.drop(number);
              resolve(false);
            },
            reject: ignore,
          });
        }
        machine.conditions.add({
          predicate,
          timer: number,
          shielded,
          reject,
          resolve: resolve as (value: unknown) => void,
        });
      });
    },
    onSignal: (name: string, handler: (payload: unknown) => unknown) => {
      machine.enter("onSignal");
      machine.onSignal(name, handler);
    },
    onQuery: (name: string, handler: () => unknown) => {
      machine.enter("onQuery");
      machine.onQuery(name, handler);
    },
    now() {
      return machine.now;
    },
    random() {
      machine.enter("random");
      return machine.random.next();
    },
    uuid() {
      machine.enter("uuid");
      return uuidFrom(machine.random);
    },
    shield: (body) => {
      machine.enter("shield");
      return body(createContext(machine, true));
    },
    continueAs(input) {
      machine.enter("continueAs");
      return machine.continueAs(input, undefined);
    },
    async loop(initial, body) {
      machine.enter("loop");
      if (machine.commandCount > 0) {
        machine.bug(
          "HF-LOOP-LATE",
          "ctx.loop comes after other calls or waits, which each new generation would repeat: make it the first, and move them into its body",
        );
        return new Promise<never>(ignore);
      }
      let state =
        machine.loopState === undefined
          ? roundTrip(initial)
          : (decode(machine.loopState) as typeof initial);
      for (;;) {
        const result = await body(state);
        if (isLoopEnd(result)) return result.value;
        state = roundTrip(result);
        if (machine.historyLength >= machine.historySuggest) {
          return machine.continueAs(undefined, encode(state));
        }
      }
    },
  };
  return context;
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

function runInfo(machine: Machine): RunInfo {
  const { id, runId, workflow, account, root, generation } = machine.identity;
  const { historyLength } = machine;
  return {
    id,
    runId,
    workflow,
    account,
    root,
    generation,
    historyLength,
    continueSuggested: historyLength >= machine.historySuggest,
  };
}

function workflowLog(machine: Machine): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      machine.log({ level, message, fields });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function tooManyPending(id: string): HoldfastError {
  return new HoldfastError(
    "HF-PENDING-LIMIT",
    `Cannot call another activity in run "${id}": ${PENDING_MAX} calls are open already. Await some of them first.`,
    { class: "resource" },
  );
}
