// What `holdfast doctor` is told of a cluster: whether it answers, which version it is, and whether namespace,
// search attributes, retention and store of intents fit the project. It asks, and changes nothing.

import {
  type EngineFinding,
  type ExamineRequest,
  formatDuration,
  hasCode,
  toFailure,
} from "@holdfast/core";
import { Server } from "./client/server.ts";
import { missingAttributes } from "./client/setup.ts";
import { TASK_QUEUE, type TemporalOptions } from "./options.ts";

/** The oldest version that the contract has run on. */
const VERSION_MIN = [1, 29] as const;
/** Task queues of the server's second kind hold activities; ours serve both. */
const WORKFLOW_QUEUE = 1;

export async function examine(
  options: TemporalOptions,
  { keyTtlMs }: ExamineRequest,
): Promise<readonly EngineFinding[]> {
  const { address, namespace, tls, apiKey, prefix = "" } = options;
  const connection = {
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
  try {
    await using server = await Server.connect({ address, namespace, prefix, connection });
    return [
      await version(server),
      await attributes(server),
      await retention(server, keyTtlMs),
      await workers(server, options.taskQueue ?? TASK_QUEUE),
      intents(options),
    ];
  } catch (error) {
    const isThere = hasCode(error, "HF-TEMPORAL-NAMESPACE");
    const advice = isThere ? "Create it, or name another." : "Start it, or correct the address.";
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

async function workers({ service, namespace }: Server, name: string): Promise<EngineFinding> {
  const taskQueue = { name };
  const { pollers } = await service.describeTaskQueue({
    namespace,
    taskQueue,
    taskQueueType: WORKFLOW_QUEUE,
  });
  const identities = new Set((pollers ?? []).map(({ identity }) => identity));
  const says = `${identities.size} asked for tasks of queue "${name}" within the last minutes`;
  return { about: "workers", level: "fine", says };
}

function intents({ intents: store }: TemporalOptions): EngineFinding {
  const says =
    store === undefined
      ? "kept in the state folder: for one host; several need one store, such as PostgreSQL"
      : "kept in the store that the configuration names; all workers must name the same";
  return { about: "intents", level: "fine", says };
}
