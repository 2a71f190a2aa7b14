// Lists runs from what the server keeps to be searched. It lags a moment behind; what stands only in a run's own
// journal (when it wakes) is not in it.

import {
  type ListFilter,
  type RunPage,
  type RunSummary,
  type Tags,
  isStandstill,
} from "@holdfast/core";
import { tagTexts } from "@holdfast/engine/workflow-side";
import { type Info, isOpen } from "./look.ts";
import type { Client } from "./part.ts";
import { memoIn, shownStatus } from "./start.ts";
import { msOf, textOf } from "./wire.ts";

const LIST_MAX = 1_000;
const LIST_DEFAULT = 100;
/** Workflows of ours that are no runs of anybody. */
export const DISCARDED_TYPE = "holdfast.discarded";

/** The server's names of what is closed. */
const CLOSED = {
  completed: "Completed",
  failed: "Failed",
  cancelled: "Canceled",
  terminated: "Terminated",
  continued: "ContinuedAsNew",
} as const;

export async function list(client: Client, filter: ListFilter): Promise<RunPage> {
  const { server } = client;
  const pageSize = Math.min(Math.max(1, filter.limit ?? LIST_DEFAULT), LIST_MAX);
  const page = await server.steadily(() =>
    server.service.listWorkflowExecutions({
      namespace: server.namespace,
      query: queryOf(client, filter),
      pageSize,
      ...(filter.cursor === undefined
        ? {}
        : { nextPageToken: Buffer.from(filter.cursor, "base64url") }),
    }),
  );
  const token = page.nextPageToken ?? new Uint8Array();
  return {
    runs: (page.executions ?? [])
      .map((info) => summaryOf(client, info))
      .filter(({ tags }) =>
        Object.entries(filter.tags ?? {}).every(([name, value]) => tags[name] === value),
      ),
    cursor: token.length === 0 ? undefined : Buffer.from(token).toString("base64url"),
  };
}

/** Every run that a query finds, page by page. */
export async function* each(client: Client, query: string): AsyncIterable<Info> {
  const { server } = client;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await server.steadily(() =>
      server.service.listWorkflowExecutions({
        namespace: server.namespace,
        query,
        pageSize: LIST_MAX,
        ...(nextPageToken === undefined ? {} : { nextPageToken }),
      }),
    );
    yield* page.executions ?? [];
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
}

export function summaryOf(client: Client, info: Info): RunSummary {
  const memo = memoIn(info);
  const id = client.server.idOf(info.execution?.workflowId);
  const standing = attribute(info, "HoldfastStatus");
  const own = typeof standing === "string" && isStandstill(standing) ? standing : undefined;
  return {
    id,
    runId: info.execution?.runId ?? "",
    workflow: info.type?.name ?? "",
    account: memo?.account ?? "default",
    status: shownStatus(info, own),
    generation: memo?.generation ?? 0,
    startedAt: msOf(info.executionTime ?? info.startTime) ?? 0,
    closedAt: isOpen(info) ? undefined : msOf(info.closeTime),
    wakeAt: undefined,
    historyLength: Number(info.historyLength ?? 0),
    parent: memo?.parent,
    tags: tagsOf(info, memo?.tags),
  };
}

/** Tags as they stand. The server keeps them as text: types are those of the start, else what the text says. */
export function tagsOf(info: Info, first: Tags = {}): Tags {
  const texts = attribute(info, "HoldfastTags") as readonly string[] | undefined;
  if (texts === undefined) return first;
  return Object.fromEntries(
    texts.map((text) => {
      const cut = text.indexOf("=");
      const [name, value] = [text.slice(0, cut), text.slice(cut + 1)];
      const known = first[name];
      return [name, known !== undefined && String(known) === value ? known : typed(value)];
    }),
  );
}

function typed(text: string): Tags[string] {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : text;
}

function attribute(info: Info, name: string): unknown {
  const field = info.searchAttributes?.indexedFields?.[name];
  if (!field) return undefined;
  const value: unknown = JSON.parse(textOf(field));
  return value ?? undefined;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The runs of this project: those whose ids have its prefix. */
export function ofProject({ server }: Pick<Client, "server">, idPrefix = ""): string[] {
  const prefix = server.at(idPrefix);
  return [
    `WorkflowType != ${quoted(DISCARDED_TYPE)}`,
    ...(prefix === "" ? [] : [`WorkflowId STARTS_WITH ${quoted(prefix)}`]),
  ];
}

function queryOf(client: Client, filter: ListFilter): string {
  const { workflow, status, account, parent, tags, idPrefix } = filter;
  const parts = ofProject(client, idPrefix);
  if (workflow !== undefined) parts.push(`WorkflowType = ${quoted(workflow)}`);
  if (account !== undefined) parts.push(`HoldfastAccount = ${quoted(account)}`);
  if (parent !== undefined) parts.push(`HoldfastParent = ${quoted(parent)}`);
  for (const text of tagTexts(tags ?? {})) parts.push(`HoldfastTags = ${quoted(text)}`);
  if (status !== undefined) parts.push(statusQuery(status));
  return parts.join(" AND ");
}

function statusQuery(status: NonNullable<ListFilter["status"]>): string {
  switch (status) {
    case "open":
    case "closed":
      return `ExecutionStatus ${status === "open" ? "=" : "!="} 'Running'`;
    case "running":
      return "ExecutionStatus = 'Running' AND HoldfastStatus IS NULL";
    case "closing":
    case "in-doubt":
    case "quarantined":
    case "awaiting-approval":
    case "stuck":
      return `ExecutionStatus = 'Running' AND HoldfastStatus = ${quoted(status)}`;
    default:
      return `ExecutionStatus = ${quoted(CLOSED[status])}`;
  }
}
