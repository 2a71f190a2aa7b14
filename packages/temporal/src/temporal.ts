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
import { openSqliteIntents } from "@holdfast/storage";
import { bundleProject } from "./bundle/project.ts";
import type { TemporalEngine } from "./engine.ts";
import { examine } from "./examine.ts";
import { beQuiet } from "./replay.ts";
import { openTemporal } from "./open.ts";
import type { TemporalOptions } from "./options.ts";
import { INTENTS, receive } from "./receive.ts";

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
  const { modules, workflows, activities, resources, clock, log, stateFolder } = request;
  await using opened = new AsyncDisposableStack();
  const isOwn = options.intents === undefined && stateFolder !== undefined;
  const intents = isOwn
    ? opened.use(openSqliteIntents(join(stateFolder, INTENTS)))
    : options.intents;
  // The SDK's runtime is made once, with the first thing that needs it.
  beQuiet();
  const { engine, attempts } = await openTemporal({
    options: { ...options, intents },
    workflows,
    resources,
    clock,
    log,
    onDeadLetters: request.onDeadLetters,
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
