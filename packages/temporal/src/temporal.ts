// `engine: temporal({ address, namespace })` in a configuration: the same project on a Temporal cluster.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type EngineFactory,
  type EngineRequest,
  type HostedEngine,
  type IntentStore,
  createClient,
  definedActivities,
  seededRandom,
} from "@holdfast/core";
import { openSqliteIntents } from "@holdfast/storage";
import { bundleProject } from "./bundle/project.ts";
import type { TemporalEngine } from "./engine.ts";
import { examine } from "./examine.ts";
import { beQuiet } from "./replay.ts";
import { openTemporal } from "./open.ts";
import type { TemporalOptions } from "./options.ts";

/** The store of intents in the state folder, where no other is named. */
const INTENTS = "intents.sqlite";

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
  };
}

async function open(
  options: TemporalOptions,
  { modules, workflows, activities, resources, clock, log, stateFolder }: EngineRequest,
): Promise<HostedEngine> {
  await using opened = new AsyncDisposableStack();
  const intents = await openIntents(options, stateFolder, opened);
  // The SDK's runtime is made once, with the first thing that needs it.
  beQuiet();
  const { engine, attempts } = await openTemporal({
    options: { ...options, intents },
    workflows,
    resources,
    clock,
    log,
    bundle: () =>
      bundleProject({
        roots: modules,
        workflows,
        log,
      }),
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

/** The store of intents; one that is opened here is closed with the project. */
async function openIntents(
  { intents }: TemporalOptions,
  stateFolder: string | undefined,
  opened: AsyncDisposableStack,
): Promise<IntentStore | undefined> {
  if (typeof intents === "function") return opened.use(await intents());
  if (intents !== undefined || stateFolder === undefined) return intents;
  return opened.use(openSqliteIntents(join(stateFolder, INTENTS)));
}
