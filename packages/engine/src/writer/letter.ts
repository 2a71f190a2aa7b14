// Whether a run belongs among the dead letters after a step, and what the letter says.

import type { Failure } from "@holdfast/core";
import type { LiveRun } from "../run/live-run.ts";
import type { LetterText } from "../store/dead-letters.ts";
import type { Step } from "./step.ts";

export function letterOf({ live, state, activation, doubt }: Step): LetterText | undefined {
  if (state.status === "stuck") {
    const problem = state.problem ?? activation.machine.problem;
    // No code mends a journal.
    const isDamaged = problem?.code === "HF-JOURNAL-DAMAGED";
    return letter(live, "stuck", problem, isDamaged ? "discard" : "deploy");
  }
  for (const [number, { kind, failure }] of live.fold.parked) {
    const call = live.calls.get(number);
    const about = { activity: call?.activity.name, attempts: call?.attempt };
    const next = kind === "awaiting-approval" ? "approve" : "resolve";
    return letter(live, kind, failure, next, about);
  }
  const last = activation.entries.at(-1);
  // A child's failure is its parent's to handle.
  if (last?.kind === "run-failed" && live.parent === undefined) {
    const attempts = live.fold.resumes + 1;
    return letter(live, "failed", last.failure, "resume", { attempts });
  }
  if (last?.kind === "terminated") {
    const open = [...live.calls.values()].find((call) => call.command.effect === "money");
    if (open === undefined && !doubt) return undefined;
    const about = { activity: open?.activity.name, attempts: open?.attempt };
    return letter(live, "in-doubt", last.failure, "discard", about);
  }
  return undefined;
}

function letter(
  live: LiveRun,
  kind: LetterText["kind"],
  failure: Failure | undefined,
  suggestion: LetterText["suggestion"],
  about: { readonly activity?: string | undefined; readonly attempts?: number | undefined } = {},
): LetterText {
  const code = failure?.code ?? "HF-UNKNOWN";
  return {
    kind,
    code,
    class: failure?.class ?? "logic",
    message: failure?.message ?? "",
    attempts: Math.max(1, about.attempts ?? 1),
    fingerprint: [live.row.workflow, kind, code, about.activity ?? ""].join("|"),
    suggestion,
  };
}
