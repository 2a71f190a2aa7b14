// Loads each workflow of a bundle once in the sandbox, without a server: what fails at the top of a module (a
// global that is not there, a top-level await) fails here, and not as a task that is tried for ever.

import { HoldfastError } from "@holdfast/core";
import { encodeOrigin } from "@holdfast/engine/workflow-side";
import { type InjectedSinks, Worker, type WorkflowBundleWithSourceMap } from "@temporalio/worker";
import { beQuiet, replaying } from "../replay.ts";
import { REHEARSAL, type WitnessSinks } from "../workflow/witness.ts";
import { patching } from "./patches.ts";

/** When the history was written, and before when the function itself does not begin. */
const WRITTEN = "2026-01-01T00:00:00Z";
const LATER = Date.parse("2027-01-01T00:00:00Z");

/** @throws HF-BUNDLE-LOAD, HF-BUNDLE-PATCH naming the workflow */
export async function dryLoad(
  bundle: WorkflowBundleWithSourceMap,
  types: readonly string[],
): Promise<void> {
  beQuiet();
  using _replaying = replaying();
  for (const type of types) {
    const patched: string[] = [];
    const sinks: InjectedSinks<WitnessSinks> = {
      witness: {
        told: { fn: () => undefined },
        patched: { fn: (_info, names) => void patched.push(...names), callDuringReplay: true },
      },
    };
    const options = { workflowBundle: bundle, sinks, replayName: REHEARSAL };
    try {
      await Worker.runReplayHistory(options, { events: eventsOf(type) }, "load");
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new HoldfastError(
        "HF-BUNDLE-LOAD",
        `Cannot load workflow "${type}" in the sandbox: ${message}`,
        { class: "logic", disposition: "terminal", outcome: "not-sent", cause },
      );
    }
    if (patched.length > 0) throw patching(`workflow "${type}"`, patched);
  }
}

function eventsOf(type: string) {
  const origin = {
    account: "default",
    namespace: "load",
    root: "load",
    generation: 0,
    notBefore: LATER,
  };
  const data = (text: string) => ({
    metadata: { encoding: Buffer.from("json/plain").toString("base64") },
    data: Buffer.from(text).toString("base64"),
  });
  const at = WRITTEN;
  const queue = { name: "load", kind: "TASK_QUEUE_KIND_NORMAL" };
  return [
    {
      eventId: "1",
      eventTime: at,
      eventType: "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
      workflowExecutionStartedEventAttributes: {
        workflowType: { name: type },
        taskQueue: queue,
        input: { payloads: [data("null"), data(encodeOrigin(origin))] },
        workflowTaskTimeout: "10s",
        originalExecutionRunId: "load",
        firstExecutionRunId: "load",
        attempt: 1,
      },
    },
    {
      eventId: "2",
      eventTime: at,
      eventType: "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
      workflowTaskScheduledEventAttributes: {
        taskQueue: queue,
        startToCloseTimeout: "10s",
        attempt: 1,
      },
    },
    {
      eventId: "3",
      eventTime: at,
      eventType: "EVENT_TYPE_WORKFLOW_TASK_STARTED",
      workflowTaskStartedEventAttributes: { scheduledEventId: "2", requestId: "load" },
    },
    {
      eventId: "4",
      eventTime: at,
      eventType: "EVENT_TYPE_WORKFLOW_TASK_COMPLETED",
      workflowTaskCompletedEventAttributes: { scheduledEventId: "2", startedEventId: "3" },
    },
    {
      eventId: "5",
      eventTime: at,
      eventType: "EVENT_TYPE_TIMER_STARTED",
      timerStartedEventAttributes: {
        timerId: "1",
        startToFireTimeout: "31536000s",
        workflowTaskCompletedEventId: "4",
      },
    },
  ];
}
