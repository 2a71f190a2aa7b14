// The engine of a project: the embedded one, or the one that its configuration names.

import { createRequire } from "node:module";
import {
  type Activity,
  type Clock,
  HoldfastError,
  type HostedEngine,
  type Log,
  type Provided,
  type Workflow,
} from "@holdfast/core";
import { type VenueIdentity, openEngine, temporalHistory } from "@holdfast/engine";
import type { Project } from "../config/load.ts";
import type { ControlOptions } from "../control/app.ts";
import { deadLetterAlert } from "./alerts.ts";
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
}

interface Opened {
  readonly engine: HostedEngine;
  readonly temporalHistory: ControlOptions["temporalHistory"];
}

export async function openHostedEngine(
  project: Project,
  { journal, stateFolder, venue, resources, clock, log, shadowReplay }: HostedEngineOptions,
): Promise<Opened> {
  const { config, file } = project;
  const onDeadLetters = deadLetterAlert(config.alerts, log);
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
      ...(config.durability === undefined ? {} : { durability: config.durability }),
    });
    return {
      engine,
      temporalHistory: (id, generation) => temporalHistory(engine, id, generation),
    };
  }
  const own = createRequire(import.meta.url).resolve("@holdfast/agents");
  const engine = await config.engine.open({
    modules: file === undefined ? [own] : [file, own],
    workflows: hostedWorkflows(config) as readonly Workflow[],
    activities: (config.activities ?? []) as readonly Activity[],
    resources,
    stateFolder,
    clock,
    log,
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
