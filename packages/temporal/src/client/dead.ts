// Runs that will not go on by themselves, as the server and the store of intents show them: failed ones, ones in
// doubt or in quarantine, ones whose code does not fit.

import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterPage,
  type Failure,
  STANDSTILLS,
} from "@holdfast/core";
import { DISCARDED_TYPE, each, ofProject, quoted, summaryOf } from "./list.ts";
import { type Info, describeAt, findAt, isOpen, problemOf, stateOf } from "./look.ts";
import type { Client } from "./part.ts";
import type { Parked } from "../workflow/protocol.ts";
import { outcomeOf } from "./wait.ts";
import { msOf } from "./wire.ts";

const LIST_MAX = 1_000;
const LIST_DEFAULT = 100;
/** Runs that are asked at once. */
const AT_ONCE = 20;

export async function dead(client: Client, filter: DeadLetterFilter): Promise<DeadLetterPage> {
  const all = (await letters(client, filter)).filter((letter) => fits(letter, filter));
  all.sort((a, b) => b.lastAt - a.lastAt || (a.runId < b.runId ? 1 : -1));
  const from = filter.cursor === undefined ? 0 : Number(filter.cursor);
  const limit = Math.min(Math.max(1, filter.limit ?? LIST_DEFAULT), LIST_MAX);
  const next = from + limit;
  return {
    letters: all.slice(from, next),
    total: all.length,
    cursor: next < all.length ? String(next) : undefined,
  };
}

async function letters(client: Client, { kind, id }: DeadLetterFilter): Promise<DeadLetter[]> {
  const wanted = (other: DeadLetter["kind"]): boolean => kind === undefined || kind === other;
  const parts = await Promise.all([
    wanted("failed") ? failedRuns(client, id) : [],
    ...STANDSTILLS.map((kind) => (wanted(kind) ? standingRuns(client, kind, id) : [])),
    wanted("in-doubt") ? endedInDoubt(client, id) : [],
    wanted("stuck") ? stuckRuns(client, id) : [],
  ]);
  return parts.flat();
}

async function failedRuns(client: Client, id: string | undefined): Promise<DeadLetter[]> {
  const discarded = await discardedRuns(client);
  const query = [...ofProject(client), "ExecutionStatus = 'Failed'", "HoldfastParent IS NULL"];
  const byId = new Map<string, Info[]>();
  for await (const info of each(client, [...query, ...only(client, id)].join(" AND "))) {
    const workflowId = info.execution?.workflowId ?? "";
    byId.set(workflowId, [...(byId.get(workflowId) ?? []), info]);
  }
  return eachOf([...byId.values()], async (runs) => {
    const [last] = runs.sort((a, b) => closeOf(b) - closeOf(a));
    if (last === undefined || discarded.has(last.execution?.runId ?? "")) return undefined;
    const found = await findAt(client.server, client.server.idOf(last.execution?.workflowId));
    if (found?.workflowExecutionInfo?.execution?.runId !== last.execution?.runId) return undefined;
    const failure = await failureOfRun(client, last);
    const first = runs.at(-1) ?? last;
    return letter(client, last, {
      kind: "failed",
      failure,
      attempts: runs.length,
      firstAt: closeOf(first),
      lastAt: closeOf(last),
      suggestion: "resume",
    });
  });
}

/** Runs that a call holds up until a person has decided. */
async function standingRuns(
  client: Client,
  kind: Parked["kind"],
  id: string | undefined,
): Promise<DeadLetter[]> {
  const query = [
    ...ofProject(client),
    "ExecutionStatus = 'Running'",
    `HoldfastStatus = ${quoted(kind)}`,
    ...only(client, id),
  ];
  const runs = await gathered(client, query);
  return eachOf(runs, async (info) => {
    const state = await stateOf(client.server, client.server.idOf(info.execution?.workflowId));
    const call = state.calls.find(({ parked }) => parked?.kind === kind);
    if (call?.parked === undefined) return undefined;
    return letter(client, info, {
      kind,
      failure: call.parked.failure,
      activity: call.activity,
      attempts: Math.max(1, (await client.intents?.find(call.key))?.sends ?? 1),
      firstAt: state.lastAt,
      lastAt: state.lastAt,
      suggestion: kind === "awaiting-approval" ? "approve" : "resolve",
    });
  });
}

/** Keys of the calls that wait for an answer to what the guard asks, as their runs know it. */
export async function awaitingApproval(client: Client): Promise<readonly string[]> {
  const standing = `HoldfastStatus = ${quoted("awaiting-approval")}`;
  const query = [...ofProject(client), "ExecutionStatus = 'Running'", standing];
  const keys: string[] = [];
  for (const info of await gathered(client, query)) {
    const state = await stateOf(client.server, client.server.idOf(info.execution?.workflowId));
    for (const { key, parked } of state.calls)
      if (parked?.kind === "awaiting-approval") keys.push(key);
  }
  return keys;
}

/** Effects in doubt whose run is gone. */
async function endedInDoubt(client: Client, id: string | undefined): Promise<DeadLetter[]> {
  const intents =
    (await client.intents?.list({ state: "in-doubt", run: id, limit: LIST_MAX })) ?? [];
  const discarded = await discardedRuns(client);
  return eachOf(
    [...new Map(intents.map((found) => [found.run, found])).values()],
    async (found) => {
      const info = (await findAt(client.server, found.run))?.workflowExecutionInfo;
      if (info === undefined || info === null || isOpen(info)) return undefined;
      if (discarded.has(info.execution?.runId ?? "")) return undefined;
      const outcome = await failureOfRun(client, info);
      return letter(client, info, {
        kind: "in-doubt",
        failure: outcome,
        activity: found.activity,
        attempts: Math.max(1, found.sends),
        firstAt: found.lastSendAt ?? found.recordedAt,
        lastAt: closeOf(info),
        suggestion: "discard",
      });
    },
  );
}

/** The server of this version does not list them: each open run is looked at. */
async function stuckRuns(client: Client, id: string | undefined): Promise<DeadLetter[]> {
  const query = [...ofProject(client), "ExecutionStatus = 'Running'", ...only(client, id)];
  const runs = await gathered(client, query);
  return eachOf(runs, async (info) => {
    const workflowId = client.server.idOf(info.execution?.workflowId);
    const described = await describeAt(client.server, workflowId, "look at");
    const problem = await problemOf(client.server, workflowId, described);
    if (problem === undefined) return undefined;
    const at = msOf(described.pendingWorkflowTask?.originalScheduledTime) ?? 0;
    const attempts = described.pendingWorkflowTask?.attempt ?? 1;
    return letter(client, info, {
      kind: "stuck",
      failure: problem,
      attempts: Math.max(1, attempts),
      firstAt: at,
      lastAt: at,
      suggestion: "deploy",
    });
  });
}

/** Runs that somebody has taken from the dead letters. */
export async function discardedRuns(client: Client): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const query = `WorkflowType = ${quoted(DISCARDED_TYPE)}`;
  for await (const info of each(client, query)) {
    found.add(info.execution?.workflowId?.split("/").at(-1) ?? "");
  }
  return found;
}

async function failureOfRun(client: Client, info: Info): Promise<Failure | undefined> {
  const { server } = client;
  const page = await server.steadily(() =>
    server.service.getWorkflowExecutionHistory({
      namespace: server.namespace,
      execution: info.execution ?? {},
      historyEventFilterType: 2,
    }),
  );
  const event = page.history?.events?.at(-1);
  const id = server.idOf(info.execution?.workflowId);
  const outcome = event === undefined ? undefined : await outcomeOf(client, id, event);
  return outcome?.kind === "failed" ? outcome.failure : undefined;
}

interface About extends Pick<
  DeadLetter,
  "kind" | "attempts" | "firstAt" | "lastAt" | "suggestion"
> {
  readonly failure: Failure | undefined;
  readonly activity?: string;
}

function letter(
  client: Client,
  info: Info,
  { failure, activity = "", ...about }: About,
): DeadLetter {
  const { id, runId, workflow, account } = summaryOf(client, info);
  const code = failure?.code ?? "HF-UNKNOWN";
  return {
    id,
    runId,
    workflow,
    account,
    code,
    ...about,
    class: failure?.class ?? "logic",
    message: failure?.message ?? "",
    fingerprint: [workflow, about.kind, code, activity].join("|"),
  };
}

function fits(found: DeadLetter, filter: DeadLetterFilter): boolean {
  const { id, workflow, code, class: from, fingerprint } = filter;
  return (
    (id === undefined || id === found.id) &&
    (workflow === undefined || workflow === found.workflow) &&
    (code === undefined || code === found.code) &&
    (from === undefined || from === found.class) &&
    (fingerprint === undefined || fingerprint === found.fingerprint)
  );
}

function only({ server }: Client, id: string | undefined): string[] {
  return id === undefined ? [] : [`WorkflowId = ${quoted(server.at(id))}`];
}

function closeOf(info: Info): number {
  return msOf(info.closeTime) ?? 0;
}

async function gathered(client: Client, query: readonly string[]): Promise<Info[]> {
  const found: Info[] = [];
  for await (const info of each(client, query.join(" AND "))) found.push(info);
  return found;
}

async function eachOf<From, To>(
  from: readonly From[],
  look: (one: From) => Promise<To | undefined>,
): Promise<To[]> {
  const found: To[] = [];
  for (let start = 0; start < from.length; start += AT_ONCE) {
    const some = await Promise.all(from.slice(start, start + AT_ONCE).map(look));
    for (const one of some) if (one !== undefined) found.push(one);
  }
  return found;
}
