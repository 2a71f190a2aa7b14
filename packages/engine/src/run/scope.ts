// `ctx.scope`: a part of a workflow that is cancelled on its own, by hand or after a time.

import { type Duration, type Scope, type WorkflowContext, durationMs } from "@holdfast/core";
import { CancelScope } from "./cancel-scope.ts";
import type { Machine } from "./machine.ts";

const ignore = (): void => undefined;

export interface ScopeSite {
  readonly machine: Machine;
  readonly scope: CancelScope;
  readonly within: (scope: CancelScope) => WorkflowContext;
}

export function beginScope<Value>(
  { machine, scope, within }: ScopeSite,
  body: (ctx: WorkflowContext) => Promise<Value>,
  timeout: Duration | undefined,
): Scope<Value> {
  machine.enter("scope");
  const inner = new CancelScope(scope);
  const timer = timeout === undefined ? undefined : machine.waiting.next("timer");
  if (timer !== undefined && timeout !== undefined) {
    const at = machine.now + durationMs(timeout);
    machine.hasActed = true;
    machine.command({ kind: "timer", timer, at });
    machine.waiting.timers.set(timer, {
      at,
      scope: inner,
      reject: ignore,
      resolve: () => {
        machine.cancel(inner, `its time of ${String(timeout)} is over`);
      },
    });
  }
  const settled = (): void => {
    // The body has ended before its time: the timer has no more use.
    if (timer !== undefined && machine.active && machine.waiting.timers.delete(timer)) {
      machine.command({ kind: "timer-cancelled", timer });
    }
  };
  const promise = run(body, within(inner)).finally(settled);
  promise.catch(ignore);
  return Object.assign(promise, {
    cancel(reason = "cancelled by the workflow") {
      machine.enter("scope");
      machine.cancel(inner, reason);
    },
  });
}

async function run<Value>(
  body: (ctx: WorkflowContext) => Promise<Value>,
  ctx: WorkflowContext,
): Promise<Value> {
  return body(ctx);
}
