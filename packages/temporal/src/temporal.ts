// `engine: temporal({ address, namespace })` in a configuration: the same project on a Temporal cluster.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type EngineFactory,
  type EngineRequest,
  type HostedEngine,
  createClient,
  definedActivities,
  seededRandom,
} from "@holdfast/core";
import { type ProjectBundle, bundleProject } from "./bundle/project.ts";
import type { Client } from "./client/part.ts";
import { rehearse } from "./deploy/rehearse.ts";
import { assertNoVersions, assertVersions } from "./deploy/version.ts";
import { type Version, deploymentOf } from "./worker/version.ts";
import type { TemporalEngine } from "./engine.ts";
import { examine } from "./examine.ts";
import { openIntents } from "./intents.ts";
import { beQuiet } from "./replay.ts";
import { openTemporal } from "./open.ts";
import { TASK_QUEUE, type TemporalOptions } from "./options.ts";
import { receive } from "./receive.ts";

/** The folder of recorded histories in the state folder, where no other is named. */
const HISTORIES = "histories";
/** Open runs of each workflow that code must fit. */
const REPLAY_RUNS = 25;

/**
 * Runs a project on a Temporal cluster: this process serves its code, beside others that do.
 *
 * @example
 * export default defineConfig({
 *   engine: temporal({ address: "127.0.0.1:7233", namespace: "holdfast" }),
 *   fleet: [run(dca, plan, { id: "dca-btc" })],
 * });
 */
export function temporal(options: TemporalOptions): EngineFactory {
  return {
    kind: "engine",
    name: `Temporal at ${options.address}`,
    open: (request) => open(options, request),
    examine: (request) => examine(options, request),
    receive: (request) => receive(options, request),
  };
}

async function open(options: TemporalOptions, request: EngineRequest): Promise<HostedEngine> {
  const { workflows, activities, resources, clock, log, stateFolder } = request;
  await using opened = new AsyncDisposableStack();
  const isKept = options.intents !== undefined || stateFolder !== undefined;
  const intents = isKept ? await openIntents(options, stateFolder ?? "", opened) : undefined;
  // The SDK's runtime is made once, with the first thing that needs it.
  beQuiet();
  const { taskQueue = TASK_QUEUE } = options;
  let version: Version = { deployment: deploymentOf(taskQueue), build: "" };
  const bundle = async (client: Client): Promise<ProjectBundle> => {
    if (options.versioning === true) await assertVersions(client.server, taskQueue);
    else await assertNoVersions(client.server, taskQueue);
    const made = await bundleProject({ roots: request.modules, workflows, log });
    version = { ...version, build: made.build };
    const served = options.versioning === true ? version : undefined;
    await rehearse({ ...rehearsalOf(options, request), bundle: made, client, version: served });
    return made;
  };
  const { engine, attempts } = await openTemporal({
    options: { ...options, intents },
    workflows,
    resources,
    clock,
    log,
    bundle,
    version: options.versioning === true ? () => version : undefined,
    patience: request.patience,
    onFailed: request.onFailed,
    guard: request.guard,
    onModes: request.onModes,
    onDeadLetters: request.onDeadLetters,
    policies: request.policies,
    onBreaker: request.onBreaker,
    load: request.load,
    activities: [...new Set([...activities, ...definedActivities()])],
    random: seededRandom(randomUUID()),
  });
  const own = opened.move();
  const close = async (): Promise<void> => {
    await engine[Symbol.asyncDispose]();
    await own.disposeAsync();
  };
  return Object.defineProperties(engine, {
    client: { value: createClient({ engine, newId: () => randomUUID() }) },
    inFlight: { get: () => attempts.inFlight },
    close: { value: close },
  }) as TemporalEngine & HostedEngine;
}

/** What the code must fit, as the configuration says it. */
function rehearsalOf(
  { histories, replayRuns }: TemporalOptions,
  { workflows, stateFolder, log }: EngineRequest,
) {
  const own = stateFolder === undefined ? undefined : join(stateFolder, HISTORIES);
  return {
    workflows: workflows.map(({ name }) => name),
    folder: histories ?? own,
    each: replayRuns ?? REPLAY_RUNS,
    log,
  };
}
