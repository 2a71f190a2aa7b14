// A failed run goes on where it stood before it failed: the server resets it to before the task that failed it,
// or, where a call had failed for good, to before that call was scheduled. Keys stay as they were.

import { type DeadLetterRequest, HoldfastError, type ListedEntry } from "@holdfast/core";
import { DISCARDED_TYPE } from "./list.ts";
import { describeAt, journalOf, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { discardedRuns } from "./dead.ts";
import { memoIn } from "./start.ts";
import { terminate } from "./send.ts";
import type { WireEvent } from "./wire.ts";

const CANNOT = { class: "state", disposition: "refused", outcome: "not-sent" } as const;

/** The events of a run, from the first. */
export async function eventsOf(client: Client, id: string, runId = ""): Promise<WireEvent[]> {
  const { server } = client;
  const events: WireEvent[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await server.steadily(() =>
      server.service.getWorkflowExecutionHistory({
        namespace: server.namespace,
        execution: server.execution(id, runId),
        ...(nextPageToken === undefined ? {} : { nextPageToken }),
      }),
    );
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return events;
}

export async function resume(client: Client, request: DeadLetterRequest): Promise<void> {
  const { server } = client;
  const { id, reason, actor, requestId } = request;
  const info = (await describeAt(server, id, "resume")).workflowExecutionInfo;
  const events = await eventsOf(client, id);
  if (statusOf(info) !== "failed") {
    if (events.some((event) => resetOf(event)?.requestId === requestId)) return;
    throw noLetter("resume", id, `it is ${statusOf(info)}, and only a failed run is resumed`);
  }
  const parent = memoIn(info)?.parent;
  if (parent !== undefined) {
    throw new HoldfastError(
      "HF-NOT-RESUMABLE",
      `Cannot resume run "${id}": its parent "${parent}" was told that it failed. Resume the parent, which takes its failed child along.`,
      CANNOT,
    );
  }
  await server.steadily(() =>
    server.service.resetWorkflowExecution({
      namespace: server.namespace,
      workflowExecution: info?.execution ?? server.execution(id),
      reason: `${requestId} ${actor}: ${reason}`,
      workflowTaskFinishEventId: boundary(events, id),
      requestId,
    }),
  );
  client.onStarted(id);
}

/** The task to which the run is reset. */
function boundary(events: readonly WireEvent[], id: string) {
  const failed = events.findLast((event) => event.workflowTaskCompletedEventAttributes);
  const started = events.findLast((event) => event.workflowTaskScheduledEventAttributes);
  const cause = events.findLast(
    (event) =>
      Number(event.eventId) < Number(started?.eventId) &&
      (event.activityTaskFailedEventAttributes ??
        event.activityTaskCompletedEventAttributes ??
        event.timerFiredEventAttributes ??
        event.childWorkflowExecutionFailedEventAttributes ??
        event.childWorkflowExecutionCompletedEventAttributes ??
        event.workflowExecutionSignaledEventAttributes),
  );
  if (cause?.childWorkflowExecutionFailedEventAttributes) {
    throw new HoldfastError(
      "HF-NOT-RESUMABLE",
      `Cannot resume run "${id}" on Temporal: it failed because a child had failed, and the two cannot be reset together. Start it again: onClosed "restart-failed" with effects "continue" finishes what is missing, with the same keys.`,
      CANNOT,
    );
  }
  const scheduledId = cause?.activityTaskFailedEventAttributes?.scheduledEventId;
  const scheduled = events.find(({ eventId }) => Number(eventId) === Number(scheduledId));
  const decided = scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId;
  const at = decided ?? failed?.eventId;
  if (at === undefined || at === null) throw noLetter("resume", id, "none of its tasks has ended");
  return at;
}

interface Reset {
  readonly requestId: string;
  readonly actor: string;
  readonly reason: string;
  readonly baseRunId: string;
  readonly at: number;
}

function resetOf({
  workflowTaskFailedEventAttributes: failed,
  eventTime,
}: WireEvent): Reset | undefined {
  if (!failed || !failed.baseRunId) return undefined;
  const text = failed.failure?.message ?? "";
  const [, requestId = "", actor = "", reason = text] =
    /^(\S+) ([^:]*): ([\s\S]*)$/u.exec(text) ?? [];
  return {
    requestId,
    actor,
    reason,
    baseRunId: failed.baseRunId,
    at: Number(eventTime?.seconds ?? 0) * 1e3,
  };
}

/** The journal of a run with what it went through before it was resumed. */
export async function wholeJournal(
  client: Client,
  id: string,
  runId?: string,
): Promise<readonly ListedEntry[]> {
  const own = await journalOf(client.server, id, runId);
  const reset = (await eventsOf(client, id, runId))
    .map(resetOf)
    .find((found) => found !== undefined);
  if (reset === undefined) return own;
  const before = await wholeJournal(client, id, reset.baseRunId);
  const keep = own.findIndex(
    ({ entry }, index) => JSON.stringify(entry) !== JSON.stringify(before[index]?.entry),
  );
  const kept = keep === -1 ? own.length : keep;
  const { actor, reason } = reset;
  const mark: ListedEntry = {
    sequence: 0,
    at: before.at(-1)?.at ?? reset.at,
    entry: { kind: "resumed", keep: kept, decision: { actor, reason } },
  };
  const entries = [...before, mark, ...own.slice(kept)];
  return entries.map((entry, sequence) => ({ ...entry, sequence }));
}

/** Takes a run from the dead letters; one that is open is terminated. */
export async function discard(client: Client, request: DeadLetterRequest): Promise<void> {
  const { server } = client;
  const { id, reason, actor, requestId } = request;
  const described = await describeAt(server, id, "discard");
  const info = described.workflowExecutionInfo;
  const runId = info?.execution?.runId ?? "";
  const status = statusOf(info);
  const isKnown = (await discardedRuns(client)).has(runId);
  if (status === "running") await terminate(client, id, reason);
  else if (isKnown || (status !== "failed" && status !== "terminated"))
    throw noLetter("discard", id, `it is ${status} and not among the dead letters`);
  const workflowId = `${server.prefix}${DISCARDED_TYPE}/${runId}`;
  await server.service.startWorkflowExecution({
    namespace: server.namespace,
    workflowId,
    workflowType: { name: DISCARDED_TYPE },
    taskQueue: { name: `${client.taskQueue}-discarded` },
    requestId,
    workflowIdConflictPolicy: 2,
  });
  await server.service.terminateWorkflowExecution({
    namespace: server.namespace,
    workflowExecution: { workflowId },
    reason: `${actor}: ${reason}`,
  });
}

function noLetter(action: string, id: string, why: string): HoldfastError {
  return new HoldfastError("HF-NO-DEAD-LETTER", `Cannot ${action} run "${id}": ${why}.`, CANNOT);
}
