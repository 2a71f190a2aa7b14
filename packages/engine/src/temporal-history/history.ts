// The history of a run in Temporal's event model, made from its journal alone: what `historyFromJSON` and
// `Worker.runReplayHistory` of Temporal's SDK read. It never changes a journal, and never invents a fact.

import type { Command, Fact } from "@holdfast/core";
import type { RecordedRun } from "../run/recorded.ts";
import { callCancelled, callScheduled, callSettled, localMarker } from "./activity.ts";
import { answerAsked, childAsked, childInitiated, childMoved } from "./child.ts";
import { closed, started, terminated } from "./close.ts";
import type { TemporalEvent } from "./event-log.ts";
import { Exporter, IDENTITY, TASK_QUEUE } from "./exporter.ts";
import {
  cancelRequested,
  sendInitiated,
  sendSettled,
  signaled,
  updateAccepted,
  updateAnswered,
} from "./message.ts";
import { patched, remembered, tagged } from "./note.ts";
import { duration } from "./payload.ts";
import { type Step, type Task, tasksOf } from "./task.ts";
import { timerCancelled, timerFired, timerStarted } from "./timer.ts";

export interface TemporalHistory {
  readonly events: readonly TemporalEvent[];
  /** What the journal says and Temporal's model cannot, in words. */
  readonly notes: readonly string[];
}

/**
 * Writes a journal as Temporal would have.
 *
 * @example
 * const { events } = toTemporalHistory(recorded);
 * await Worker.runReplayHistory({ workflowBundle }, { events }, recorded.id);
 */
export function toTemporalHistory({ rows, ...run }: RecordedRun): TemporalHistory {
  const exporter = new Exporter(run);
  const { log, notes } = exporter;
  for (const task of tasksOf(rows)) {
    log.at = task.at;
    if (!happened(exporter, task.fact)) {
      if (task.steps.length > 0) notes.push("the code went on at this: Temporal cannot replay it");
      continue;
    }
    workflowTask(exporter, task);
    if (task.fact.kind === "update") updateAccepted(exporter, task.fact);
    for (const step of task.steps) decided(exporter, step);
  }
  return { events: log.events, notes };
}

/** Tells a fact; true where it woke the code. */
function happened(exporter: Exporter, fact: Fact): boolean {
  answerAsked(exporter);
  switch (fact.kind) {
    case "started":
      started(exporter, fact);
      return true;
    case "done":
    case "failed":
      callSettled(exporter, fact);
      return true;
    case "in-doubt":
    case "quarantined":
    case "awaiting-approval":
    case "resent":
      exporter.notes.push(doubt(exporter, fact));
      return false;
    case "fired":
      timerFired(exporter, fact.timer);
      return true;
    case "signal":
      signaled(exporter, fact);
      return true;
    // It comes with the workflow task that accepts it.
    case "update":
      return true;
    case "child-started":
    case "child-done":
    case "child-failed":
      childMoved(exporter, fact);
      return true;
    case "sent":
    case "send-failed":
      sendSettled(exporter, fact);
      return true;
    case "cancel":
      cancelRequested(exporter, fact);
      return true;
    case "terminated":
      terminated(exporter, fact);
      return false;
  }
}

function workflowTask(exporter: Exporter, { steps }: Task): void {
  const { log } = exporter;
  const scheduledEventId = log.add("WorkflowTaskScheduled", {
    taskQueue: TASK_QUEUE,
    startToCloseTimeout: duration(10_000),
    attempt: 1,
  });
  // Where a run continued as new, the code was told to do so.
  const suggestContinueAsNew = steps.some(({ kind }) => kind === "continued" || kind === "closing");
  const startedEventId = log.add("WorkflowTaskStarted", {
    scheduledEventId,
    identity: IDENTITY,
    suggestContinueAsNew,
  });
  exporter.task = log.add("WorkflowTaskCompleted", {
    scheduledEventId,
    startedEventId,
    identity: IDENTITY,
    sdkMetadata: { coreUsedFlags: CORE_FLAGS, langUsedFlags: LANG_FLAGS },
  });
}

/** The SDK's core: compare ids and names of activities and children; let closing commands come last. */
const CORE_FLAGS = [1, 3];
/** The TypeScript SDK: shielded scopes stay shielded; jobs of an activation are one batch. */
const LANG_FLAGS = [1, 2];

function decided(exporter: Exporter, step: Step): void {
  switch (step.kind) {
    case "call":
      // A local call leaves its trace with its outcome.
      if (step.local !== true) callScheduled(exporter, step);
      break;
    case "local-outcome":
      localMarker(exporter, step.command, step.fact);
      break;
    case "call-cancelled":
    case "call-cancel-asked":
      callCancelled(exporter, step.call);
      break;
    case "timer":
      timerStarted(exporter, step);
      break;
    case "timer-cancelled":
      timerCancelled(exporter, step.timer);
      break;
    case "child":
      childInitiated(exporter, step);
      break;
    case "child-cancelled":
      if (step.ask) childAsked(exporter, step.child, "cancelled by its parent");
      break;
    case "child-cancel-asked":
      childAsked(exporter, step.child, step.reason);
      break;
    case "send":
      sendInitiated(exporter, step);
      break;
    case "update-done":
    case "update-failed":
      updateAnswered(exporter, step);
      break;
    default:
      said(exporter, step);
  }
}

function said(exporter: Exporter, command: Command): void {
  switch (command.kind) {
    case "patch":
      patched(exporter, command);
      break;
    case "tags":
      tagged(exporter, command);
      break;
    case "memo":
      remembered(exporter, command);
      break;
    case "completed":
    case "run-failed":
    case "cancelled":
    case "continued":
      closed(exporter, command);
      break;
    // An SDK that waits for its last calls says nothing.
    default:
      break;
  }
}

function doubt(exporter: Exporter, fact: Fact & { readonly call: number }): string {
  const command = exporter.calls.get(fact.call)?.command;
  const what = `call ${fact.call} of ${command?.activity ?? "an activity"}`;
  switch (fact.kind) {
    case "resent":
      return `${what} was sent again, as ${fact.decision.actor} decided: ${fact.decision.reason}`;
    case "quarantined":
      return `${what} was held back: ${fact.failure.message}`;
    case "awaiting-approval":
      return `${what} awaited approval: ${fact.failure.message}`;
    case "in-doubt":
      return `${what} was in doubt: ${fact.failure.message}`;
    default:
      return what;
  }
}
