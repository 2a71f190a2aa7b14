// How a run began and ended.

import type { Command, Fact } from "@holdfast/core";
import { type CommandOf, type Exporter, IDENTITY, TASK_QUEUE } from "./exporter.ts";
import { noteFields } from "./note.ts";
import { type Origin, encodeOrigin } from "./origin.ts";
import { duration, failureJson, payloads } from "./payload.ts";

export type Closing = Command & {
  readonly kind: "completed" | "run-failed" | "cancelled" | "continued";
};

export function started(exporter: Exporter, fact: Fact & { readonly kind: "started" }): void {
  const { run, log, own } = exporter;
  const { kind: _kind, input, ...more } = fact;
  const { account, namespace, root, generation, parent } = run;
  const origin: Origin = { account, namespace, root, generation, ...more, parent };
  own.start(fact.tags, fact.memo);
  log.add("WorkflowExecutionStarted", {
    workflowType: { name: run.workflow },
    workflowId: run.id,
    ...(parent === undefined ? {} : { parentWorkflowExecution: { workflowId: parent } }),
    taskQueue: TASK_QUEUE,
    input: payloads(input, encodeOrigin(origin)),
    workflowTaskTimeout: duration(10_000),
    originalExecutionRunId: run.runId,
    firstExecutionRunId: run.runId,
    identity: IDENTITY,
    attempt: 1,
    ...noteFields(own.tags, fact.memo),
  });
}

export function closed(exporter: Exporter, command: Closing): void {
  const { log, task } = exporter;
  const ids = { workflowTaskCompletedEventId: task };
  switch (command.kind) {
    case "completed":
      log.add("WorkflowExecutionCompleted", { ...ids, result: payloads(command.output) });
      break;
    case "run-failed":
      log.add("WorkflowExecutionFailed", { ...ids, failure: failureJson(command.failure) });
      break;
    case "cancelled":
      log.add("WorkflowExecutionCanceled", ids);
      break;
    case "continued":
      continued(exporter, command);
      break;
  }
}

function continued({ run, own, log, task }: Exporter, command: CommandOf<"continued">): void {
  const { account, namespace, root, generation, parent } = run;
  const { input, loop, signals } = command;
  const next = { account, namespace, root, generation: generation + 1, parent, ...own.carried };
  log.add("WorkflowExecutionContinuedAsNew", {
    workflowType: { name: run.workflow },
    taskQueue: TASK_QUEUE,
    input: payloads(input, encodeOrigin({ ...next, loop, signals })),
    workflowTaskCompletedEventId: task,
    initiator: "CONTINUE_AS_NEW_INITIATOR_WORKFLOW",
  });
}

export function terminated({ log }: Exporter, fact: Fact & { readonly kind: "terminated" }): void {
  const reason = fact.failure.message;
  log.add("WorkflowExecutionTerminated", { reason, identity: IDENTITY });
}
