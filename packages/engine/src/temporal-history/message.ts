// Messages: signals and cancellations that come in, updates and their answers, and what is sent to other runs.

import { type Fact, encode } from "@holdfast/core";
import { cancelInitiated } from "./child.ts";
import { type CommandOf, type Exporter, IDENTITY, NAMESPACE } from "./exporter.ts";
import { failureJson, payloads } from "./payload.ts";

type Sent = Fact & { readonly kind: "sent" | "send-failed" };

export function signaled({ log }: Exporter, fact: Fact & { readonly kind: "signal" }): void {
  log.add("WorkflowExecutionSignaled", {
    signalName: fact.name,
    // The sender's id is an argument of its own: the SDK tells a workflow nothing else of its signals.
    input: payloads(fact.payload, encode(fact.id)),
    identity: IDENTITY,
    requestId: fact.id,
  });
}

export function cancelRequested({ log }: Exporter, fact: Fact & { readonly kind: "cancel" }): void {
  log.add("WorkflowExecutionCancelRequested", { cause: fact.reason, identity: IDENTITY });
}

/** An update is accepted by the workflow task that it comes with. */
export function updateAccepted(exporter: Exporter, fact: Fact & { readonly kind: "update" }): void {
  const { log, updates, task } = exporter;
  const { id, name, input } = fact;
  const event = log.add("WorkflowExecutionUpdateAccepted", {
    protocolInstanceId: id,
    acceptedRequestMessageId: `${id}/request`,
    acceptedRequestSequencingEventId: String(Number(task) - 2),
    acceptedRequest: {
      meta: { updateId: id, identity: IDENTITY },
      input: { name, args: payloads(input) },
    },
  });
  updates.set(id, event);
}

export function updateAnswered(
  { log, updates }: Exporter,
  command: CommandOf<"update-done"> | CommandOf<"update-failed">,
): void {
  log.add("WorkflowExecutionUpdateCompleted", {
    meta: { updateId: command.id, identity: IDENTITY },
    acceptedEventId: updates.get(command.id),
    outcome:
      command.kind === "update-done"
        ? { success: payloads(command.output) }
        : { failure: failureJson(command.failure) },
  });
}

export function sendInitiated(exporter: Exporter, command: CommandOf<"send">): void {
  const { log, sends, task } = exporter;
  const { send, to, message } = command;
  const event =
    message.kind === "cancel"
      ? cancelInitiated(exporter, to, message.reason, false)
      : log.add("SignalExternalWorkflowExecutionInitiated", {
          namespace: NAMESPACE,
          workflowExecution: { workflowId: to },
          signalName: message.name,
          input: payloads(message.payload),
          workflowTaskCompletedEventId: task,
        });
  sends.set(send, { command, event });
}

export function sendSettled(exporter: Exporter, fact: Sent): void {
  const sent = exporter.sends.get(fact.send);
  if (sent === undefined) return;
  const { to, message } = sent.command;
  const ids = {
    initiatedEventId: sent.event,
    namespace: NAMESPACE,
    workflowExecution: { workflowId: to },
  };
  const isSignal = message.kind === "signal";
  if (fact.kind === "sent") {
    const what = isSignal ? "Signaled" : "CancelRequested";
    exporter.log.add(`ExternalWorkflowExecution${what}`, ids);
    return;
  }
  const { code } = fact.failure;
  if (code !== "HF-RUN-UNKNOWN") {
    exporter.notes.push(
      `A ${message.kind} to run "${to}" failed with ${code}; Temporal knows one cause only, that no such run is open.`,
    );
  }
  const [what, cause] = isSignal
    ? (["Signal", "SIGNAL"] as const)
    : (["RequestCancel", "CANCEL"] as const);
  exporter.log.add(`${what}ExternalWorkflowExecutionFailed`, {
    ...ids,
    cause: `${cause}_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND`,
  });
}
