// `engine drain`: the embedded engine takes no new starts, and says what it still has.

import { userInfo } from "node:os";
import { resolve } from "node:path";
import type { DrainReport, StayingRun } from "@holdfast/core";
import { leaves } from "../move/move.ts";
import { openSource } from "../move/source.ts";
import { clean } from "../terminal/text.ts";
import { say, sayJson, table } from "./print.ts";
import type { Common } from "./running.ts";

export interface DrainCommandOptions extends Common {
  readonly undo?: boolean;
  readonly reason: string;
  readonly actor?: string;
}

export async function drainCommand(options: DrainCommandOptions): Promise<void> {
  const { state, json = false, undo = false, reason, actor = userInfo().username } = options;
  using source = await openSource(resolve(state));
  const before = await source.report();
  // Said again, it stays as it is: runs that leave go on leaving.
  if (undo || before.drained === undefined) await source.drain({ on: !undo, reason, actor });
  const report = await source.report();
  if (json) sayJson(shown(report));
  else sayReport(report);
}

/** What may be seen of it: inputs and states of runs may be large. */
export function shown({ leaving, ...report }: DrainReport): object {
  return {
    ...report,
    leaving: leaving.map(({ id, runId, workflow, account, generation, leftAt, step }) => ({
      id,
      runId,
      workflow,
      account,
      generation,
      leftAt,
      step,
    })),
  };
}

export function sayReport(report: DrainReport): void {
  const { drained, open, total, leaving, namespace } = report;
  if (drained === undefined) say("The engine takes starts.");
  else
    say(
      clean(`No new starts since ${timeOf(drained.since)} (${drained.actor}: ${drained.reason}).`),
    );
  say(clean(`Namespace of the keys: ${namespace}`));
  if (open.length > 0) {
    const head = ["id", "workflow", "account", "status", "since", "wakes", "leaves"];
    say(
      table(
        head,
        open.map((run) => rowOf(report, run)),
      ),
    );
  }
  if (total > open.length) say(`${open.length} of ${total} open runs.`);
  else say(`Open runs: ${total}.`);
  for (const { id, leftAt, step } of leaving) {
    const what = step === "sent" ? "was sent to the other engine" : "waits for the other engine";
    say(clean(`${id} has left at ${timeOf(leftAt)} and ${what}: holdfast engine move`));
  }
}

function rowOf(report: DrainReport, run: StayingRun): readonly string[] {
  const { id, workflow, account, status, startedAt, wakeAt, stays } = run;
  return [
    id,
    workflow,
    account,
    status,
    timeOf(startedAt),
    wakeAt === undefined ? "" : timeOf(wakeAt),
    leaves(report, run) ? "at the end of its pass" : stays.join("; "),
  ];
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace("T", " ").slice(0, 19);
}
