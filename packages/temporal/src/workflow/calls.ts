// Calls and timers of a run as commands of the SDK: each begins in a scope of its own, so that it can be
// cancelled alone, and its end is told as a fact.

import type { Activity, Command, Fact } from "@holdfast/core";
import {
  ActivityCancellationType,
  type ActivityOptions,
  CancellationScope,
  scheduleActivity,
  scheduleLocalActivity,
  sleep,
} from "@temporalio/workflow";
import { fromTemporal } from "./failure.ts";
import type { TemporalMachine } from "./machine.ts";
import { textOf, treeOf } from "./tree.ts";

type Call = Command & { readonly kind: "call" };
type Timer = Command & { readonly kind: "timer" };

export class Calls {
  readonly #machine: TemporalMachine;
  readonly #tell: (fact: Fact) => void;
  readonly #calls = new Map<number, CancellationScope>();
  readonly #timers = new Map<number, CancellationScope>();

  constructor(machine: TemporalMachine, tell: (fact: Fact) => void) {
    this.#machine = machine;
    this.#tell = tell;
  }

  call(command: Call): void {
    const { call, activity, input } = command;
    const options = optionsOf(command, this.#machine.calls.get(call)?.activity);
    const schedule = command.local === true ? scheduleLocalActivity : scheduleActivity;
    const settle = (fact: Fact): void => {
      // One that was given up may still answer.
      if (this.#calls.delete(call)) this.#tell(fact);
    };
    const scope = new CancellationScope();
    this.#calls.set(call, scope);
    scope
      .run(() => schedule(activity, [treeOf(input)], options))
      .then(
        (output) => {
          settle({ kind: "done", call, output: textOf(output) });
        },
        (error: unknown) => {
          settle({ kind: "failed", call, failure: fromTemporal(error) });
        },
      );
  }

  timer({ timer, at }: Timer): void {
    const scope = new CancellationScope();
    this.#timers.set(timer, scope);
    scope
      .run(() => sleep(at - Date.now()))
      .then(
        () => {
          if (this.#timers.delete(timer)) this.#tell({ kind: "fired", timer });
        },
        () => undefined,
      );
  }

  giveUpCall(call: number): void {
    this.#calls.get(call)?.cancel();
    this.#calls.delete(call);
  }

  askCall(call: number): void {
    this.#calls.get(call)?.cancel();
  }

  giveUpTimer(timer: number): void {
    this.#timers.get(timer)?.cancel();
    this.#timers.delete(timer);
  }
}

function optionsOf({ effect, totalMs }: Call, activity: Activity | undefined): ActivityOptions {
  return {
    scheduleToCloseTimeout: totalMs,
    // Whether it happened must become known: what was sent is waited for.
    cancellationType:
      effect === "money"
        ? ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        : ActivityCancellationType.TRY_CANCEL,
    ...(activity === undefined ? {} : policyOf(activity)),
  };
}

function policyOf({ retry, timeouts }: Activity): ActivityOptions {
  const { queuedMs, attemptMs, heartbeatMs } = timeouts;
  return {
    startToCloseTimeout: attemptMs,
    ...(queuedMs === undefined ? {} : { scheduleToStartTimeout: queuedMs }),
    ...(heartbeatMs === undefined ? {} : { heartbeatTimeout: heartbeatMs }),
    retry: {
      initialInterval: Math.max(1, retry.firstMs),
      backoffCoefficient: Math.max(1, retry.factor),
      maximumInterval: Math.max(1, retry.firstMs, retry.maxMs),
      ...(retry.attempts === undefined ? {} : { maximumAttempts: retry.attempts }),
    },
  };
}
