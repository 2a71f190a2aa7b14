// `ctx.saga`: undoes what was done, in reverse order, where the body throws or is cancelled. The compensations
// call activities like any other code, so they stand in the journal and survive a crash.

import {
  type Failure,
  HoldfastError,
  type Saga,
  type WorkflowContext,
  toFailure,
} from "@holdfast/core";
import type { Machine } from "./machine.ts";

interface Compensation {
  readonly label: string;
  readonly undo: (ctx: WorkflowContext) => Promise<unknown>;
}

export async function runSaga<Value>(
  machine: Machine,
  ctx: WorkflowContext,
  shielded: WorkflowContext,
  body: (saga: Saga<WorkflowContext>, ctx: WorkflowContext) => Promise<Value>,
): Promise<Value> {
  const compensations: Compensation[] = [];
  const saga: Saga<WorkflowContext> = {
    compensate(label, undo) {
      machine.enter("saga");
      compensations.push({ label, undo });
    },
  };
  try {
    return await body(saga, ctx);
  } catch (error) {
    const failures: { readonly label: string; readonly failure: Failure }[] = [];
    for (const { label, undo } of compensations.toReversed()) {
      try {
        await undo(shielded);
      } catch (cause) {
        failures.push({ label, failure: toFailure(cause) });
      }
    }
    if (failures.length > 0) throw incomplete(failures, error);
    throw error;
  }
}

function incomplete(
  failures: readonly { readonly label: string; readonly failure: Failure }[],
  cause: unknown,
): HoldfastError {
  const what = failures.map(({ label, failure }) => `${label} (${failure.message})`).join("; ");
  return new HoldfastError(
    "HF-SAGA-INCOMPLETE",
    `Cannot undo all that was done: ${what}. It was undone because: ${toFailure(cause).message}`,
    { cause, details: { failed: failures.map(({ label, failure }) => [label, failure.code]) } },
  );
}
