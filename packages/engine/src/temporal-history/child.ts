// Children of the run, from their start to their end.

import type { Fact, ParentClose } from "@holdfast/core";
import { type CommandOf, type Exporter, NAMESPACE, TASK_QUEUE } from "./exporter.ts";
import { encodeOrigin } from "./origin.ts";
import { failureJson, payloads } from "./payload.ts";
import { noteFields } from "./note.ts";

type ChildFact = Fact & { readonly kind: "child-started" | "child-done" | "child-failed" };

const POLICIES: Readonly<Record<ParentClose, string>> = {
  cancel: "PARENT_CLOSE_POLICY_REQUEST_CANCEL",
  terminate: "PARENT_CLOSE_POLICY_TERMINATE",
  abandon: "PARENT_CLOSE_POLICY_ABANDON",
};

export function childInitiated(exporter: Exporter, command: CommandOf<"child">): void {
  const { run, log, children, task } = exporter;
  const { account, namespace } = run;
  const { id, tags = {}, memo } = command;
  const origin = encodeOrigin({
    account,
    namespace,
    root: id,
    generation: 0,
    parent: run.id,
    tags: command.tags,
    memo,
  });
  const event = log.add("StartChildWorkflowExecutionInitiated", {
    namespace: NAMESPACE,
    workflowId: id,
    workflowType: { name: command.workflow },
    taskQueue: TASK_QUEUE,
    input: payloads(command.input, origin),
    parentClosePolicy: POLICIES[command.onParentClose],
    workflowTaskCompletedEventId: task,
    ...noteFields(tags, memo),
  });
  children.set(command.child, { command, event, started: undefined, runId: "" });
}

/** Asks a child to cancel; Temporal has one command for it, whichever run it is. */
export function childAsked(exporter: Exporter, number: number, reason: string): void {
  const to = exporter.children.get(number)?.command.id;
  if (to === undefined) return;
  exporter.asked.push({ event: cancelInitiated(exporter, to, reason, true), to });
}

export function cancelInitiated(
  { log, task }: Exporter,
  to: string,
  reason: string,
  childWorkflowOnly: boolean,
): string {
  return log.add("RequestCancelExternalWorkflowExecutionInitiated", {
    namespace: NAMESPACE,
    workflowExecution: { workflowId: to },
    childWorkflowOnly,
    reason,
    workflowTaskCompletedEventId: task,
  });
}

/** Requests to children stand answered from the next fact on: our journal does not write down when. */
export function answerAsked(exporter: Exporter): void {
  for (const { event, to } of exporter.asked.splice(0)) {
    exporter.log.add("ExternalWorkflowExecutionCancelRequested", {
      initiatedEventId: event,
      namespace: NAMESPACE,
      workflowExecution: { workflowId: to },
    });
  }
}

export function childMoved(exporter: Exporter, fact: ChildFact): void {
  const { log, children } = exporter;
  const child = children.get(fact.child);
  if (child === undefined) return;
  const { command, event: initiatedEventId } = child;
  if (fact.kind === "child-started") child.runId = fact.runId;
  const ids = {
    namespace: NAMESPACE,
    initiatedEventId,
    workflowExecution: { workflowId: command.id, runId: child.runId },
    workflowType: { name: command.workflow },
  };
  if (fact.kind === "child-started") {
    child.started = log.add("ChildWorkflowExecutionStarted", ids);
  } else if (fact.kind === "child-done") {
    const result = payloads(fact.output);
    log.add("ChildWorkflowExecutionCompleted", { ...ids, startedEventId: child.started, result });
  } else if (child.started !== undefined) {
    log.add("ChildWorkflowExecutionFailed", {
      ...ids,
      startedEventId: child.started,
      failure: failureJson(fact.failure),
      retryState: "RETRY_STATE_NON_RETRYABLE_FAILURE",
    });
  } else {
    const { code, message } = fact.failure;
    if (code !== "HF-RUN-EXISTS") {
      exporter.notes.push(
        `Child "${command.id}" could not begin (${code}: ${message}); Temporal knows one cause only, that a run with its id exists.`,
      );
    }
    log.add("StartChildWorkflowExecutionFailed", {
      namespace: NAMESPACE,
      workflowId: command.id,
      workflowType: { name: command.workflow },
      cause: "START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS",
      initiatedEventId,
    });
  }
}
