// Calls of activities. A local call leaves a marker, with its outcome in it, once it has one.

import { type Fact, encode } from "@holdfast/core";
import { type CommandOf, type Exporter, IDENTITY, TASK_QUEUE, ordinalId } from "./exporter.ts";
import {
  type Payload,
  duration,
  failureJson,
  payload,
  payloads,
  plainPayloads,
} from "./payload.ts";

type Outcome = Fact & { readonly kind: "done" | "failed" };

export function callScheduled(exporter: Exporter, command: CommandOf<"call">): void {
  const { log, calls, task } = exporter;
  const fields: Record<string, Payload> = {};
  for (const name of ["key", "ref"] as const) {
    const value = command[name];
    if (value !== undefined) fields[`holdfast-${name}`] = payload(encode(value));
  }
  const event = log.add("ActivityTaskScheduled", {
    activityId: ordinalId(command.call),
    activityType: { name: command.activity },
    taskQueue: TASK_QUEUE,
    header: { fields },
    input: payloads(command.input),
    scheduleToCloseTimeout: duration(command.totalMs),
    workflowTaskCompletedEventId: task,
  });
  calls.set(command.call, { command, event });
}

/** Not to be sent or waited for any more. */
export function callCancelled(exporter: Exporter, call: number): void {
  const { log, calls, task } = exporter;
  const scheduledEventId = calls.get(call)?.event;
  if (scheduledEventId === undefined) return;
  log.add("ActivityTaskCancelRequested", { scheduledEventId, workflowTaskCompletedEventId: task });
}

export function callSettled({ log, calls }: Exporter, fact: Outcome): void {
  const scheduledEventId = calls.get(fact.call)?.event;
  const startedEventId = log.add("ActivityTaskStarted", {
    scheduledEventId,
    identity: IDENTITY,
    attempt: 1,
  });
  const ids = { scheduledEventId, startedEventId, identity: IDENTITY };
  if (fact.kind === "done") {
    log.add("ActivityTaskCompleted", { ...ids, result: payloads(fact.output) });
  } else {
    const retryState = "RETRY_STATE_NON_RETRYABLE_FAILURE";
    log.add("ActivityTaskFailed", { ...ids, failure: failureJson(fact.failure), retryState });
  }
}

/** The marker that the SDK's core writes about a local activity. */
export function localMarker(
  { log, task }: Exporter,
  command: CommandOf<"call">,
  outcome: Outcome,
): void {
  const at = { seconds: Math.floor(log.at / 1_000), nanos: (log.at % 1_000) * 1_000_000 };
  const data = plainPayloads({
    seq: command.call + 1,
    attempt: 1,
    activity_id: ordinalId(command.call),
    activity_type: command.activity,
    complete_time: at,
    backoff: null,
    original_schedule_time: at,
  });
  log.add("MarkerRecorded", {
    markerName: "core_local_activity",
    details: { data, ...(outcome.kind === "done" ? { result: payloads(outcome.output) } : {}) },
    workflowTaskCompletedEventId: task,
    ...(outcome.kind === "failed" ? { failure: failureJson(outcome.failure) } : {}),
  });
}
