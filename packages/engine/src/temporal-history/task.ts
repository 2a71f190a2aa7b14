// Cuts a journal into workflow tasks: a fact that woke the code, and all that the code then decided. What was
// decided and taken back within one task never leaves an SDK, and neither do the outcomes of local calls.

import type { Command, Fact } from "@holdfast/core";
import { type JournalRow, isFact } from "../run/replay.ts";
import type { CommandOf } from "./exporter.ts";

/** The outcome of a local call: a command in Temporal's model. */
export interface LocalOutcome {
  readonly kind: "local-outcome";
  readonly command: CommandOf<"call">;
  readonly fact: Fact & { readonly kind: "done" | "failed" };
}

export type Step = Command | LocalOutcome;

export interface Task {
  readonly at: number;
  readonly fact: Fact;
  readonly steps: Step[];
}

export function tasksOf(rows: readonly JournalRow[]): readonly Task[] {
  const tasks: Task[] = [];
  const locals = new Map<number, CommandOf<"call">>();
  for (const { at, entries } of rows) {
    for (const entry of entries) {
      if (entry.kind === "resumed") continue;
      const steps = tasks.at(-1)?.steps;
      if (!isFact(entry)) {
        if (entry.kind === "call" && entry.local === true) locals.set(entry.call, entry);
        steps?.push(entry);
        continue;
      }
      const local = outcomeOf(entry, locals);
      if (local === undefined || steps === undefined) tasks.push({ at, fact: entry, steps: [] });
      else steps.push(local);
    }
  }
  return tasks.map(({ steps, ...task }) => ({ ...task, steps: settled(steps) }));
}

function outcomeOf(
  fact: Fact,
  locals: ReadonlyMap<number, CommandOf<"call">>,
): LocalOutcome | undefined {
  if (fact.kind !== "done" && fact.kind !== "failed") return undefined;
  const command = locals.get(fact.call);
  return command === undefined ? undefined : { kind: "local-outcome", command, fact };
}

/** What is left of the steps once those that were taken back are gone; markers of patches come first. */
function settled(steps: readonly Step[]): Step[] {
  const begun = new Set(steps.map(begins));
  const ended = new Set(steps.map(takesBack));
  const left = steps.filter((step) => {
    const name = begins(step) ?? takesBack(step);
    return name === undefined || !begun.has(name) || !ended.has(name);
  });
  const isPatch = ({ kind }: Step): boolean => kind === "patch";
  return [...left.filter(isPatch), ...left.filter((step) => !isPatch(step))];
}

/** What a step begins and can be taken back. */
function begins(step: Step): string | undefined {
  if (step.kind === "call") return `call ${step.call}`;
  return step.kind === "timer" ? `timer ${step.timer}` : undefined;
}

function takesBack(step: Step): string | undefined {
  if (step.kind === "call-cancelled") return `call ${step.call}`;
  return step.kind === "timer-cancelled" ? `timer ${step.timer}` : undefined;
}
