// `engine: temporal({ address, namespace })` in a configuration: the same project on a Temporal cluster.

import { randomUUID } from "node:crypto";
import {
  type EngineFactory,
  type EngineRequest,
  type HostedEngine,
  createClient,
  definedActivities,
  seededRandom,
} from "@holdfast/core";
import { bundleProject } from "./bundle/project.ts";
import type { TemporalEngine } from "./engine.ts";
import { beQuiet } from "./replay.ts";
import { openTemporal } from "./open.ts";
import type { TemporalOptions } from "./options.ts";

/**
 * Runs a project on a Temporal cluster: this process serves its code, beside others that do.
 *
 * @example
 * export default defineConfig({
 *   engine: temporal({ address: "127.0.0.1:7233", namespace: "holdfast", intents }),
 *   fleet: [run(dca, plan, { id: "dca-btc" })],
 * });
 */
export function temporal(options: TemporalOptions): EngineFactory {
  return {
    kind: "engine",
    name: `Temporal at ${options.address}`,
    open: (request) => open(options, request),
  };
}

async function open(
  options: TemporalOptions,
  { modules, workflows, activities, resources, clock, log }: EngineRequest,
): Promise<HostedEngine> {
  // The SDK's runtime is made once, with the first thing that needs it.
  beQuiet();
  const { engine, attempts } = await openTemporal({
    options,
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
  return Object.defineProperties(engine, {
    client: { value: createClient({ engine, newId: () => randomUUID() }) },
    inFlight: { get: () => attempts.inFlight },
    close: { value: () => engine[Symbol.asyncDispose]() },
  }) as TemporalEngine & HostedEngine;
}
