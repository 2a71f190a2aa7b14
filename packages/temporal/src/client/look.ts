// Looks at a run: what the server says of it, and what its own code says where a worker answers.

import {
  type Encoded,
  type Failure,
  HoldfastError,
  type ListedEntry,
  type PendingCall,
  type RunStatus,
  decode,
  hasCode,
  toFailure,
} from "@holdfast/core";
import type { temporal } from "@temporalio/proto";
import { deadlineIn } from "../clock/every.ts";
import {
  JOURNAL_PART,
  type JournalPart,
  type OpenCall,
  type RunState,
  SYSTEM,
  callOf,
} from "../workflow/protocol.ts";
import { CODES, type Server, codeOf, runStuck, runUnknown } from "./server.ts";
import { type Left, leftOf } from "../worker/left.ts";
import {
  type Payload,
  type WireEvent,
  failureOf,
  firstText,
  msOf,
  payloads,
  textOf,
} from "./wire.ts";

export type Described = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
export type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** How the server names a closed run, by its number. */
export const STATUSES: Readonly<Record<number, RunStatus>> = {
  1: "running",
  2: "completed",
  3: "failed",
  4: "cancelled",
  5: "terminated",
  6: "continued",
  7: "failed",
};

const RUNNING = 1;
/** How long a question to a run's code may take, in milliseconds. */
const QUERY_MS = 10_000;

export function statusOf(info: Info | null | undefined): RunStatus {
  return STATUSES[info?.status ?? RUNNING] ?? "running";
}

export function isOpen(info: Info | null | undefined): boolean {
  const status: number = info?.status ?? 0;
  return status === RUNNING;
}

/** @throws HF-RUN-UNKNOWN */
export async function describeAt(server: Server, id: string, action: string): Promise<Described> {
  const found = await findAt(server, id);
  if (found === undefined) throw runUnknown(id, action);
  return found;
}

/** @param runId of which execution; default: the latest */
export async function findAt(
  server: Server,
  id: string,
  runId?: string,
): Promise<Described | undefined> {
  try {
    return await server.steadily(() =>
      server.service.describeWorkflowExecution({
        namespace: server.namespace,
        execution: server.execution(id, runId),
      }),
    );
  } catch (error) {
    const code = codeOf(error);
    // An id that another engine made is none of the server's.
    const isForeign = code === CODES.INVALID && runId !== undefined;
    if (code === CODES.NOT_FOUND || isForeign) return undefined;
    throw error;
  }
}

/** Why a run's task fails again and again; undefined where it does not. */
export async function problemOf(
  server: Server,
  id: string,
  described: Described,
): Promise<Failure | undefined> {
  if ((described.pendingWorkflowTask?.attempt ?? 0) <= 1) return undefined;
  for await (const event of eventsBack(server, id)) {
    const failed = event.workflowTaskFailedEventAttributes;
    // Only the first of several failures stands in the history.
    if (failed && Number(failed.cause) !== RESET_CAUSE) return parked(failed.failure);
    if (event.workflowTaskCompletedEventAttributes) return undefined;
  }
  return undefined;
}

const RESET_CAUSE = 20;

function parked(given: Parameters<typeof failureOf>[0]): Failure {
  const failure = failureOf(given);
  const unserved = unservedIn(failure.message);
  if (unserved !== undefined) return unserved;
  return failure.code === "HF-TEMPORAL-FAILURE" && /determinis/iu.test(failure.message)
    ? { ...failure, code: "HF-DETERMINISM" }
    : failure;
}

/** What the SDK says of a workflow that its worker does not have. */
function unservedIn(message: string): Failure | undefined {
  const found = /Failed to initialize workflow of type '([^']*)': no such function/u.exec(message);
  if (found === null) return undefined;
  return toFailure(
    new HoldfastError(
      "HF-WORKFLOW-UNKNOWN",
      `No worker that serves this queue has workflow "${found[1] ?? ""}". Serve it again, or end the run.`,
      { class: "data", disposition: "refused", outcome: "not-sent" },
    ),
  );
}

export async function* eventsBack(server: Server, id: string): AsyncIterable<WireEvent> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await server.service.getWorkflowExecutionHistoryReverse({
      namespace: server.namespace,
      execution: server.execution(id),
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    yield* page.history?.events ?? [];
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
}

/** Asks the run's own code. @throws HF-RUN-UNKNOWN, HF-RUN-STUCK */
export async function ask(
  server: Server,
  id: string,
  query: string,
  options: { readonly input?: Encoded; readonly runId?: string } = {},
): Promise<Encoded> {
  const { input, runId } = options;
  try {
    const answer = await server.connection.withDeadline(deadlineIn(QUERY_MS), () =>
      server.steadily(() =>
        server.service.queryWorkflow({
          namespace: server.namespace,
          execution: server.execution(id, runId),
          query: {
            queryType: query,
            ...(input === undefined ? {} : { queryArgs: payloads(input) }),
          },
        }),
      ),
    );
    return firstText(answer.queryResult);
  } catch (error) {
    const code = codeOf(error);
    if (code === CODES.NOT_FOUND) throw runUnknown(id, "ask");
    const described = await describeAt(server, id, "ask");
    const problem = await problemOf(server, id, described);
    if (problem !== undefined) throw runStuck(id, "ask", problem);
    const difference = differenceIn(error);
    if (difference !== undefined) throw runStuck(id, "ask", difference);
    if (code === CODES.DEADLINE || code === CODES.PRECONDITION) throw unanswered(id);
    throw error;
  }
}

/** What the SDK says of code that does not fit a history. */
function differenceIn(error: unknown): Failure | undefined {
  const text = error instanceof Error ? error.message : "";
  const found = /\[TMPRL1100\].*|Failed to initialize workflow.*/u.exec(text);
  if (found === null) return undefined;
  return unservedIn(found[0]) ?? toFailure(new HoldfastError("HF-DETERMINISM", found[0]));
}

function unanswered(id: string): HoldfastError {
  return new HoldfastError(
    "HF-NO-WORKER",
    `Cannot ask run "${id}": no worker has answered within ${QUERY_MS / 1_000} s. Start one: holdfast start.`,
    { class: "resource", disposition: "retry", outcome: "not-sent" },
  );
}

/** What the run's own code says of it, or why it says nothing. */
export async function tryState(
  server: Server,
  id: string,
): Promise<{ readonly state?: RunState; readonly problem?: Failure }> {
  try {
    return { state: await stateOf(server, id) };
  } catch (error) {
    if (hasCode(error, "HF-RUN-STUCK")) return { problem: error.cause ?? toFailure(error) };
    if (hasCode(error, "HF-NO-WORKER")) return {};
    throw error;
  }
}

export async function stateOf(server: Server, id: string, runId?: string): Promise<RunState> {
  const options = runId === undefined ? {} : { runId };
  return decode(await ask(server, id, SYSTEM.state, options)) as RunState;
}

/** A journal as the run's own code tells it, and for each entry how many events the server had then. */
export async function journalOf(
  server: Server,
  id: string,
  runId?: string,
): Promise<Pick<JournalPart, "entries" | "events">> {
  const entries: ListedEntry[] = [];
  const events: number[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const options = runId === undefined ? {} : { runId };
    const text = await ask(server, id, SYSTEM.journal, { ...options, input: String(from) });
    const part = decode(text) as JournalPart;
    entries.push(...part.entries);
    events.push(...part.events);
    from = part.entries.length < JOURNAL_PART ? undefined : part.next;
  }
  return { entries, events };
}

/** What is known of a run's open calls. */
export function callsOf(
  described: Described,
  calls: readonly OpenCall[],
  now: number,
): readonly PendingCall[] {
  // Of the activities of one call the last counts: the others were given up.
  const pending = pendingOf(described);
  return calls.map(({ parked, beat: _beat, told, ...call }): PendingCall => {
    const found = pending.get(call.call);
    const nextAt = msOf(found?.nextAttemptScheduleTime);
    const failure = found?.lastFailure;
    const left = leftIn(found?.heartbeatDetails?.payloads?.[0]);
    const state = Number(found?.state);
    const isStarted = state === STARTED || state === CANCEL_REQUESTED;
    const isLater = left.nextAt !== undefined && left.nextAt > now;
    const waits = isLater || left.flight === "line";
    const isRunning = isStarted && !waits && !(told && left.begun === undefined);
    const isElsewhere = isLater && left.verdict === "later";
    return {
      ...call,
      state: parked?.kind ?? (isElsewhere ? "elsewhere" : isRunning ? "running" : "waiting"),
      attempt: (found?.attempt ?? 1) - (waits && isStarted ? 1 : 0),
      nextAttemptAt: isLater ? left.nextAt : nextAt,
      lastFailure:
        parked?.failure ?? left.lastFailure ?? (failure ? failureOf(failure) : undefined),
    };
  });
}

function pendingOf({ pendingActivities }: Described) {
  const place = (activityId: string | null | undefined): number =>
    Number(activityId?.split(".")[1] ?? 0);
  const activities = [...(pendingActivities ?? [])].sort(
    (a, b) => place(a.activityId) - place(b.activityId),
  );
  return new Map(activities.map((found) => [callOf(found.activityId ?? ""), found]));
}

/** What the attempts of a call have left at the server. */
export function leftAt(described: Described, call: number): Left {
  return leftIn(pendingOf(described).get(call)?.heartbeatDetails?.payloads?.[0]);
}

/** What the last attempt left at the server, by its heartbeat. */
function leftIn(given: Payload | undefined): Left {
  if (given === undefined) return {};
  const text: unknown = JSON.parse(textOf(given));
  return leftOf(typeof text === "string" ? text : undefined);
}

const STARTED = 2;
const CANCEL_REQUESTED = 3;

/** What a run began with, as the server has it. */
export async function inputOf(server: Server, id: string): Promise<Encoded> {
  const page = await server.service.getWorkflowExecutionHistory({
    namespace: server.namespace,
    execution: server.execution(id),
    maximumPageSize: 1,
  });
  return firstText(page.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input);
}
