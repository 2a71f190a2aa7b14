// What a project's runs are made of: its own workflows and activities, and those that the host itself runs.

import { openAgent } from "@holdfast/agents";
import type { EngineOptions } from "@holdfast/engine";
import { type AnyWorkflow, type Config, workflowsOf } from "../config/config.ts";

/** Workflows that can be started. */
export function hostedWorkflows(config: Config): readonly AnyWorkflow[] {
  return [...new Set([openAgent, ...workflowsOf(config)])];
}

/** Everything whose name may stand in the journal. */
export function definitionsOf(config: Config): EngineOptions["definitions"] {
  return [...new Set([...hostedWorkflows(config), ...(config.activities ?? [])])];
}
