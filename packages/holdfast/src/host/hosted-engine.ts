// The engine of a project: the embedded one, or the one that its configuration names.

import { createRequire } from "node:module";
import {
  type Activity,
  type Clock,
  type EngineRequest,
  HoldfastError,
  type HostedEngine,
  type Load,
  type Log,
  type ModeChange,
  type OnBreaker,
  type Provided,
  type Workflow,
} from "@holdfast/core";
import { type VenueIdentity, openEngine, temporalHistory } from "@holdfast/engine";
import type { Project } from "../config/load.ts";
import type { ControlOptions } from "../control/app.ts";
import { definitionsOf, hostedWorkflows } from "./definitions.ts";

export interface HostedEngineOptions {
  /** Path of the journal, where the engine is the embedded one. */
  readonly journal: string;
  /** Folder of the state, where it is another one. */
  readonly stateFolder: string;
  readonly venue: VenueIdentity;
  readonly resources: readonly Provided[];
  readonly clock: Clock;
  readonly log: Log;
  readonly shadowReplay: boolean;
  /** Told when what waits for a person has changed. */
  readonly onDeadLetters: (() => void) | undefined;
  /** Told when modes of the guard have changed. */
  readonly onModes: ((changes: readonly ModeChange[]) => void) | undefined;
  /** Told when a breaker has changed. */
  readonly onBreaker: OnBreaker | undefined;
  /** Where the engine is another one: it may wait for what it runs on. */
  readonly patience: EngineRequest["patience"];
  readonly onFailed: EngineRequest["onFailed"];
  /** Says when no run may begin and whose attempts wait. */
  readonly load: Load | undefined;
}

interface Opened {
  readonly engine: HostedEngine;
  /** Present where runs may leave it for another one. */
  readonly drainable?: ControlOptions["drainable"];
  readonly temporalHistory: ControlOptions["temporalHistory"];
}

export async function openHostedEngine(
  project: Project,
  options: HostedEngineOptions,
): Promise<Opened> {
  const { config, file } = project;
  const { policies = {} } = config;
  const { journal, stateFolder, venue, resources, clock, log, shadowReplay, onDeadLetters, load } =
    options;
  const guarded = { guard: config.guard, onModes: options.onModes };
  if (config.engine === undefined) {
    const engine = await openEngine({
      path: journal,
      definitions: definitionsOf(config),
      resources,
      venue,
      clock,
      log,
      shadowReplay,
      onDeadLetters,
      ...guarded,
      policies,
      onBreaker: options.onBreaker,
      load,
      ...(config.durability === undefined ? {} : { durability: config.durability }),
    });
    return {
      engine,
      drainable: engine,
      temporalHistory: (id, generation) => temporalHistory(engine, id, generation),
    };
  }
  const { resolve } = createRequire(import.meta.url);
  const own = [resolve("@holdfast/agents"), resolve("@holdfast/notify")];
  const engine = await config.engine.open({
    modules: file === undefined ? own : [file, ...own],
    workflows: hostedWorkflows(config) as readonly Workflow[],
    activities: (config.activities ?? []) as readonly Activity[],
    resources,
    stateFolder,
    clock,
    log,
    onDeadLetters,
    ...guarded,
    policies,
    onBreaker: options.onBreaker,
    load,
    patience: options.patience,
    onFailed: options.onFailed,
  });
  const { name } = config.engine;
  return {
    engine,
    temporalHistory: async () => {
      throw new HoldfastError(
        "HF-NOT-EMBEDDED",
        `Cannot export this history: it is kept by ${name}, whose own tools show it.`,
        { class: "logic", disposition: "refused", outcome: "not-sent" },
      );
    },
  };
}
