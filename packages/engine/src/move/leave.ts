// Whether a run may go on at another engine from the end of its loop's pass, and what it begins there with. Whatever
// still has a side here keeps it here: a parent that waits, children, messages and money under way.

import type { Command, LeavingRun } from "@holdfast/core";
import type { Machine } from "../run/machine.ts";
import type { Step } from "../writer/step.ts";

/** Why it stays; empty where it may leave. */
export function staysFor(machine: Machine): readonly string[] {
  const { identity, waiting, scope, isHandling } = machine;
  const why: string[] = [];
  if (identity.parent !== undefined) why.push(`its parent "${identity.parent}" waits for it`);
  if (waiting.openChildren.size > 0) why.push("children of it are open");
  if (waiting.hasOpenMoney) why.push("a money call of it is open");
  if (waiting.sends.size > 0) why.push("a message of it is under way");
  if (isHandling) why.push("it handles a message");
  if (scope.reason !== undefined) why.push("it was asked to cancel");
  return why;
}

/** What the next generation begins with. */
export function leavingOf(
  { live, activation }: Step,
  { input, loop, signals }: Command & { readonly kind: "continued" },
  leftAt: number,
): LeavingRun {
  const { id, runId, workflow, account, namespace, root, generation } = live.identity;
  return {
    id,
    runId,
    workflow,
    account,
    namespace,
    root,
    generation: generation + 1,
    input,
    ...(loop === undefined ? {} : { loop }),
    ...activation.machine.notes.carried,
    ...(signals === undefined ? {} : { signals }),
    leftAt,
    step: "waiting",
  };
}
