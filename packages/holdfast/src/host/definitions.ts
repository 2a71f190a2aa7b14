// What a project's runs are made of: its own workflows and activities, and those that the host itself runs.

import { closeAll, openAgent } from "@holdfast/agents";
import type { EngineOptions } from "@holdfast/engine";
import { notification } from "@holdfast/notify";
import { type AnyWorkflow, type Config, workflowsOf } from "../config/config.ts";

/** Workflows that can be started. */
export function hostedWorkflows(config: Config): readonly AnyWorkflow[] {
  const own =
    config.notify === undefined ? [openAgent, closeAll] : [openAgent, closeAll, notification];
  return [...new Set([...own, ...workflowsOf(config)])];
}

/** Everything whose name may stand in the journal. */
export function definitionsOf(config: Config): EngineOptions["definitions"] {
  return [...new Set([...hostedWorkflows(config), ...(config.activities ?? [])])];
}
