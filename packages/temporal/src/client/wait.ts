// Waits for what a run will tell: its outcome across its generations, and the answer of an update.

import { HoldfastError, type RunResult, type UpdateResult, toFailure } from "@holdfast/core";
import { resultOf } from "@holdfast/engine/activity-side";
import { describeAt, eventsBack, isOpen } from "./look.ts";
import { pause } from "../clock/every.ts";
import type { Client } from "./part.ts";
import { CODES, codeOf, runUnknown } from "./server.ts";
import { terminated } from "./send.ts";
import { type WireEvent, failureOf, firstText } from "./wire.ts";

const CLOSE_EVENT = 2;
const COMPLETED = 3;
/** How long a wait lets a server alone that is away, in milliseconds. */
const AWAY_MS = 500;

interface Wait {
  readonly timeoutMs: number | undefined;
  /** Aborted when the engine closes. */
  readonly closing: AbortSignal;
  readonly what: string;
}

/** Ends when the promise does, the time is over, or the engine closes; what is asked then is given up. */
export async function within<Value>(
  client: Client,
  { timeoutMs, closing, what }: Wait,
  ask: () => Promise<Value>,
): Promise<Value> {
  const gone = new AbortController();
  let isLate = false;
  const timer =
    timeoutMs === undefined
      ? undefined
      : client.clock.setTimer(client.clock.now() + timeoutMs, () => {
          isLate = true;
          gone.abort();
        });
  const signal = AbortSignal.any([gone.signal, closing]);
  try {
    return await client.server.connection.withAbortSignal(signal, ask);
  } catch (error) {
    if (isLate) throw late(`${what} within ${timeoutMs} ms.`);
    if (closing.aborted) throw engineClosed();
    throw error;
  } finally {
    timer?.cancel();
  }
}

export async function result(client: Client, id: string): Promise<RunResult> {
  for (;;) {
    const event = await closeEvent(client, id);
    const found = event === undefined ? undefined : await outcomeOf(client, id, event);
    if (found !== undefined) return found;
  }
}

/** The event that ends the run's present generation; undefined where the server wants to be asked again. */
async function closeEvent(client: Client, id: string): Promise<WireEvent | undefined> {
  const { server } = client;
  try {
    const page = await server.steadily(() =>
      server.service.getWorkflowExecutionHistory({
        namespace: server.namespace,
        execution: server.execution(id),
        waitNewEvent: true,
        historyEventFilterType: CLOSE_EVENT,
      }),
    );
    return page.history?.events?.at(-1);
  } catch (error) {
    if (await goesOn(error)) return undefined;
    if (codeOf(error) === CODES.NOT_FOUND) throw runUnknown(id, "wait for");
    throw error;
  }
}

/** Whether a wait asks again: nothing was told in time, or the server is away, which a run outlasts. */
async function goesOn(error: unknown): Promise<boolean> {
  const code = codeOf(error);
  if (code === CODES.UNAVAILABLE) await pause(AWAY_MS);
  return code === CODES.UNAVAILABLE || code === CODES.DEADLINE;
}

/** The outcome that an event tells; undefined where the run goes on, or is not at its end. */
export async function outcomeOf(
  client: Client,
  id: string,
  event: WireEvent,
): Promise<RunResult | undefined> {
  const completed = event.workflowExecutionCompletedEventAttributes;
  if (completed) return { kind: "completed", output: firstText(completed.result) };
  const failed = event.workflowExecutionFailedEventAttributes;
  if (failed) return { kind: "failed", failure: failureOf(failed.failure) };
  if (event.workflowExecutionCanceledEventAttributes) {
    return resultOf({ kind: "cancelled", reason: await cancelReasonOf(client, id) });
  }
  const ended = event.workflowExecutionTerminatedEventAttributes;
  if (ended) return { kind: "failed", failure: terminated(id, ended.reason ?? "") };
  return undefined;
}

export async function cancelReasonOf({ server }: Client, id: string): Promise<string> {
  for await (const event of eventsBack(server, id)) {
    const asked = event.workflowExecutionCancelRequestedEventAttributes;
    if (asked) return asked.cause ?? "";
  }
  return "";
}

export async function updated(
  client: Client,
  id: string,
  requestId: string,
): Promise<UpdateResult> {
  const { server } = client;
  for (;;) {
    try {
      const { outcome } = await server.service.pollWorkflowExecutionUpdate({
        namespace: server.namespace,
        updateRef: { workflowExecution: server.execution(id), updateId: requestId },
        waitPolicy: { lifecycleStage: COMPLETED },
      });
      if (outcome?.success) return { kind: "done", output: firstText(outcome.success) };
      if (outcome?.failure) {
        const { type } = outcome.failure.applicationFailureInfo ?? {};
        if (type === "AcceptedUpdateCompletedWorkflow") return unanswered(id);
        return { kind: "failed", failure: failureOf(outcome.failure) };
      }
    } catch (error) {
      if (await goesOn(error)) continue;
      if (codeOf(error) !== CODES.NOT_FOUND) throw error;
      const { workflowExecutionInfo } = await describeAt(server, id, "ask an update of");
      if (!isOpen(workflowExecutionInfo)) return unanswered(id);
      throw new HoldfastError(
        "HF-UPDATE-UNKNOWN",
        `Cannot find update ${requestId} of run "${id}": none with this id was accepted.`,
        { class: "data", disposition: "refused", outcome: "not-sent" },
      );
    }
  }
}

function unanswered(id: string): UpdateResult {
  const message = `Run "${id}" has closed before it answered.`;
  const failure = new HoldfastError("HF-RUN-CLOSED", message, { class: "state" });
  return { kind: "failed", failure: toFailure(failure) };
}

function late(what: string): HoldfastError {
  return new HoldfastError("HF-RESULT-TIMEOUT", `${what} It goes on; ask again.`, {
    class: "state",
    disposition: "retry",
  });
}

export function engineClosed(): HoldfastError {
  return new HoldfastError("HF-ENGINE-CLOSED", "Cannot do this: the engine is closed.", {
    class: "state",
    disposition: "retry",
    outcome: "not-sent",
  });
}
