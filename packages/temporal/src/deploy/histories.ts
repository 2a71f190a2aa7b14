// Histories that code must fit before it is given work: recorded ones from a folder, and those of runs that are open
// at the server and would go on with it.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { HoldfastError } from "@holdfast/core";
import type { TemporalEvent } from "@holdfast/engine";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { ofProject, quoted } from "../client/list.ts";
import type { Info } from "../client/look.ts";
import type { Client } from "../client/part.ts";
import { eventsOf } from "../client/reset.ts";
import { CODES, codeOf } from "../client/server.ts";
import type { Recorded } from "../replay.ts";
import { type Version, versionText } from "../worker/version.ts";

/** Bytes of open runs' histories that are fetched, at most. */
const OPEN_BYTES_MAX = 32 * 1024 * 1024;

/** A history, and where it stands. */
export interface Sample extends Recorded {
  readonly from: string;
}

/** The histories of a folder, in the order of their names. @throws HF-HISTORY-UNREADABLE */
export function* recordedIn(folder: string): Iterable<Sample> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(".json")) continue;
    const from = join(folder, name);
    const history = { events: eventsIn(from) };
    yield {
      id: basename(name, ".json"),
      workflowId: startOf({ history }).workflowId,
      history,
      from,
    };
  }
}

function eventsIn(path: string): readonly TemporalEvent[] {
  const why = (message: string, cause?: unknown): HoldfastError =>
    new HoldfastError(
      "HF-HISTORY-UNREADABLE",
      `Cannot read ${path} as a recorded history: ${message}. Write it with: holdfast run ID --history temporal > FILE, or temporal workflow show --output json.`,
      { class: "data", disposition: "terminal", outcome: "not-sent", cause },
    );
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw why(cause instanceof Error ? cause.message : String(cause), cause);
  }
  const events = typeof found === "object" && found !== null && "events" in found && found.events;
  if (Array.isArray(events) && events.length > 0) return events as readonly TemporalEvent[];
  throw why("it has no events");
}

export interface OpenRuns {
  readonly client: Client;
  readonly workflows: readonly string[];
  /** Of each workflow, at most. */
  readonly each: number;
  /** Absent: the code has no versions. */
  readonly version: Version | undefined;
  readonly bytesMax?: number | undefined;
  /** Told of runs that were left out because their histories together are too large. */
  readonly onLeft: (count: number) => void;
}

/** Histories of open runs that this code would go on with, the newest of each workflow first. */
export async function* openAtServer(request: OpenRuns): AsyncIterable<Sample> {
  const { client, onLeft, bytesMax = OPEN_BYTES_MAX } = request;
  let bytes = 0;
  let left = 0;
  for (const type of request.workflows) {
    for (const info of await newest(request, type)) {
      const size = Number(info.historySizeBytes ?? 0);
      if (bytes + size > bytesMax) {
        left += 1;
        continue;
      }
      bytes += size;
      const found = await sampleOf(client, info);
      if (found !== undefined) yield found;
    }
  }
  if (left > 0) onLeft(left);
}

async function newest({ client, each, version }: OpenRuns, type: string): Promise<readonly Info[]> {
  if (each <= 0) return [];
  const { server } = client;
  const { executions } = await server.steadily(() =>
    server.service.listWorkflowExecutions({
      namespace: server.namespace,
      query: [
        ...ofProject(client),
        `WorkflowType = ${quoted(type)}`,
        `TaskQueue = ${quoted(client.taskQueue)}`,
        "ExecutionStatus = 'Running'",
        ...(version === undefined
          ? []
          : [
              `(TemporalWorkflowVersioningBehavior IS NULL OR TemporalWorkflowVersioningBehavior != 'Pinned' OR TemporalWorkerDeploymentVersion = ${quoted(versionText(version))})`,
            ]),
      ].join(" AND "),
      pageSize: each,
    }),
  );
  return executions ?? [];
}

/** Undefined where the run has gone meanwhile, or its code has not begun. */
async function sampleOf(client: Client, { execution }: Info): Promise<Sample | undefined> {
  const workflowId = execution?.workflowId ?? "";
  const id = client.server.idOf(workflowId);
  try {
    const events = await eventsOf(client, id, execution?.runId ?? "");
    if (!events.some((event) => event.workflowTaskCompletedEventAttributes)) return undefined;
    const history = JSON.parse(historyToJSON({ events })) as Recorded["history"];
    return { id, workflowId, history, from: "open at the server" };
  } catch (error) {
    if (codeOf(error) === CODES.NOT_FOUND) return undefined;
    throw error;
  }
}

/** The workflow that a history is of. */
export function workflowIn(recorded: Pick<Recorded, "history">): string {
  return startOf(recorded).workflowType?.name ?? "";
}

interface Start {
  readonly workflowId?: string;
  readonly workflowType?: { readonly name?: string };
}

function startOf({ history }: Pick<Recorded, "history">): Start {
  return history.events[0]?.["workflowExecutionStartedEventAttributes"] ?? {};
}
