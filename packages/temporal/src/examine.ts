// What `holdfast doctor` is told of a cluster: whether it answers, which version it is, and whether namespace,
// search attributes, retention and store of intents fit the project. It asks, and changes nothing.

import {
  type EngineFinding,
  type ExamineRequest,
  formatDuration,
  hasCode,
  toFailure,
} from "@holdfast/core";
import { ofProject, quoted } from "./client/list.ts";
import { Server } from "./client/server.ts";
import { missingAttributes } from "./client/setup.ts";
import { lookAtVersions, strandedIn, versionLine } from "./deploy/version.ts";
import { TASK_QUEUE, type TemporalOptions, connectionOf } from "./options.ts";

/** The oldest version that the contract has run on. */
const VERSION_MIN = [1, 29] as const;
/** Task queues of the server's second kind hold activities; ours serve both. */
const WORKFLOW_QUEUE = 1;

export async function examine(
  options: TemporalOptions,
  { keyTtlMs, workflows }: ExamineRequest,
): Promise<readonly EngineFinding[]> {
  const { address, namespace, prefix = "", taskQueue = TASK_QUEUE } = options;
  const connection = connectionOf(options);
  try {
    await using server = await Server.connect({ address, namespace, prefix, connection });
    return [
      await version(server),
      await attributes(server),
      await retention(server, keyTtlMs),
      await workers(server, taskQueue),
      ...(await versions(server, taskQueue)),
      await unserved(server, taskQueue, workflows),
      intents(options),
    ];
  } catch (error) {
    const isThere = hasCode(error, "HF-TEMPORAL-NAMESPACE");
    const isDenied = hasCode(error, "HF-TEMPORAL-DENIED");
    const advice = isThere
      ? "Create it, or name another."
      : isDenied
        ? "Correct apiKey, tls, or the rights on the namespace."
        : "Start it, or correct the address.";
    const about = isThere ? "namespace" : "server";
    return [{ about, level: "problem", says: toFailure(error).message, advice }, intents(options)];
  }
}

async function version({ service, address }: Server): Promise<EngineFinding> {
  const { serverVersion } = await service.getSystemInfo({});
  const [major = 0, minor = 0] = serverVersion.split(".").map(Number);
  const [least, lesser] = VERSION_MIN;
  const says = `Temporal ${serverVersion} at ${address}`;
  if (major > least || (major === least && minor >= lesser))
    return { about: "server", level: "fine", says };
  const advice = `Upgrade it: nothing before ${VERSION_MIN.join(".")} was tried.`;
  return { about: "server", level: "warn", says, advice };
}

async function attributes(server: Server): Promise<EngineFinding> {
  const about = "search attributes";
  const missing = await missingAttributes(server);
  if (missing.length === 0) return { about, level: "fine", says: "all there" };
  const says = `the namespace "${server.namespace}" lacks ${missing.map(([name]) => name).join(", ")}`;
  const advice = "Start once with setup: true, or create them with Temporal's own command line.";
  return { about, level: "problem", says, advice };
}

/** An id whose run the server has forgotten may be started anew, with keys that the venue remembers. */
async function retention(
  { service, namespace }: Server,
  keyTtlMs: number | undefined,
): Promise<EngineFinding> {
  const about = "retention";
  const { config } = await service.describeNamespace({ namespace });
  const keptMs = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1_000;
  const says = `the namespace "${namespace}" keeps closed runs for ${formatDuration(keptMs)}`;
  if (keyTtlMs === undefined || keptMs >= keyTtlMs) return { about, level: "fine", says };
  const advice = `Keep them for ${formatDuration(keyTtlMs)} at least, as long as the venue remembers keys: an id that is started again before would meet its old effects.`;
  return { about, level: "warn", says, advice };
}

async function workers(server: Server, name: string): Promise<EngineFinding> {
  const { service, namespace } = server;
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType: WORKFLOW_QUEUE,
  });
  const about = "workers";
  const { size } = new Set((pollers ?? []).map(({ identity }) => identity));
  const says = `${size} asked for tasks of queue "${name}" within the last minutes`;
  const open = size > 0 ? 0 : await openOf(server, name, []);
  if (open === 0) return { about, level: "fine", says };
  const advice = "Start one: holdfast serve.";
  return { about, level: "warn", says: `${says}; ${open} open runs stand still`, advice };
}

/** Where the code has versions: which ones still have open runs, and who serves them. */
async function versions(server: Server, taskQueue: string): Promise<readonly EngineFinding[]> {
  const found = await lookAtVersions(server, taskQueue);
  if (found === undefined) return [];
  const about = "versions";
  const says = found.map(versionLine).join("\n");
  const stranded = strandedIn(found).map(({ build }) => build);
  if (stranded.length === 0) return [{ about, level: "fine", says }];
  const advice = `Start a worker with the code of ${stranded.join(", ")}, and keep it until its runs have ended: nobody else goes on with them.`;
  return [{ about, level: "problem", says, advice }];
}

/** Open runs of workflows that the project does not have. */
async function unserved(
  server: Server,
  taskQueue: string,
  workflows: readonly string[],
): Promise<EngineFinding> {
  const about = "workflows";
  const open = await openOf(server, taskQueue, workflows);
  const says = `${open} open runs of workflows that the project does not have`;
  if (open === 0) return { about, level: "fine", says: "open runs are of the project's workflows" };
  const types = await typesOf(server, taskQueue, workflows);
  const advice = `Serve ${types.join(", ")} again, or end their runs: no worker of this project goes on with them.`;
  return { about, level: "problem", says, advice };
}

async function openOf(server: Server, queue: string, but: readonly string[]): Promise<number> {
  const { service, namespace } = server;
  const query = openQuery(server, queue, but);
  return Number((await service.countWorkflowExecutions({ namespace, query })).count ?? 0);
}

/** Names of the workflows of open runs, as far as one page of them tells. */
async function typesOf(
  server: Server,
  queue: string,
  but: readonly string[],
): Promise<readonly string[]> {
  const { service, namespace } = server;
  const query = openQuery(server, queue, but);
  const { executions } = await service.listWorkflowExecutions({
    namespace,
    query,
    pageSize: 1_000,
  });
  return [...new Set((executions ?? []).map(({ type }) => type?.name ?? ""))].sort();
}

function openQuery(server: Server, queue: string, but: readonly string[]): string {
  return [
    ...ofProject({ server }),
    `TaskQueue = ${quoted(queue)}`,
    "ExecutionStatus = 'Running'",
    ...but.map((name) => `WorkflowType != ${quoted(name)}`),
  ].join(" AND ");
}

function intents({ intents: store }: TemporalOptions): EngineFinding {
  const says =
    store === undefined
      ? "kept in the state folder: for one host; several need one store, such as PostgreSQL"
      : "kept in the store that the configuration names; all workers must name the same";
  return { about: "intents", level: "fine", says };
}
