// A failed run goes on where it stood before it failed: the server resets it to before the task that failed it,
// or, where a call had failed for good, to before that call was scheduled. Keys stay as they were.

import { type DeadLetterRequest, HoldfastError, type ListedEntry, hasCode } from "@holdfast/core";
import { DISCARDED_TYPE } from "./list.ts";
import { describeAt, journalOf, statusOf } from "./look.ts";
import type { Client } from "./part.ts";
import { discardedRuns } from "./dead.ts";
import { memoIn } from "./start.ts";
import { terminate } from "./send.ts";
import { outcomeOf } from "./wait.ts";
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
  const at = decidedAt(events, cause) ?? failed?.eventId;
  if (at === undefined || at === null) throw noLetter("resume", id, "none of its tasks has ended");
  return at;
}

/**
 * The task that decided what failed: the call is made again, and the child begins again, each with its keys. Behind
 * that task the server would tell of the child's failure again.
 */
function decidedAt(events: readonly WireEvent[], cause: WireEvent | undefined) {
  const { activityTaskFailedEventAttributes: call } = cause ?? {};
  const { childWorkflowExecutionFailedEventAttributes: child } = cause ?? {};
  const place = Number(call?.scheduledEventId ?? child?.initiatedEventId);
  const found = events.find(({ eventId }) => Number(eventId) === place);
  return (
    found?.activityTaskScheduledEventAttributes ??
    found?.startChildWorkflowExecutionInitiatedEventAttributes
  )?.workflowTaskCompletedEventId;
}

interface Reset {
  readonly requestId: string;
  readonly actor: string;
  readonly reason: string;
  readonly baseRunId: string;
  readonly at: number;
  /** Events of the run that it has in common with the one before. */
  readonly events: number;
}

function resetOf({
  workflowTaskFailedEventAttributes: failed,
  eventTime,
  eventId,
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
    events: Number(eventId),
  };
}

/** The journal of a run with what it went through before it was resumed. */
export async function wholeJournal(
  client: Client,
  id: string,
  runId?: string,
): Promise<readonly ListedEntry[]> {
  const { entries: own, events } = await journalOf(client.server, id, runId);
  const reset = (await eventsOf(client, id, runId))
    .map(resetOf)
    .findLast((found) => found !== undefined);
  if (reset === undefined) return own;
  // The task to which it was reset tells its facts again.
  const again = events.findIndex((count) => count > reset.events);
  const keep = again === -1 ? own.length : again;
  // And the first of them was told before, too.
  const kept = own.slice(0, keep + 1);
  const before = await journalBefore(client, { id, runId: reset.baseRunId, kept });
  const { actor, reason } = reset;
  const mark: ListedEntry = {
    sequence: 0,
    at: before.at(-1)?.at ?? reset.at,
    entry: { kind: "resumed", keep, decision: { actor, reason } },
  };
  const entries = [...before, mark, ...own.slice(keep)];
  return entries.map((entry, sequence) => ({ ...entry, sequence }));
}

interface Before {
  readonly id: string;
  readonly runId: string;
  readonly kept: readonly ListedEntry[];
}

/** What a run went through before it was resumed; where only code of then could tell all, what both have, and the end. */
async function journalBefore(
  client: Client,
  { id, runId, kept }: Before,
): Promise<readonly ListedEntry[]> {
  try {
    return await wholeJournal(client, id, runId);
  } catch (error) {
    if (!hasCode(error, "HF-RUN-STUCK")) throw error;
  }
  const last = (await eventsOf(client, id, runId)).at(-1);
  const outcome = last === undefined ? undefined : await outcomeOf(client, id, last);
  if (outcome?.kind !== "failed") return kept;
  const { failure } = outcome;
  const at = kept.at(-1)?.at ?? 0;
  return [...kept, { sequence: kept.length, at, entry: { kind: "run-failed", failure } }];
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
