// The agent that chaos is let loose on, and what is refused before anything is opened.

import { HoldfastError, parseWith } from "@holdfast/core";
import type { AnyWorkflow, Config } from "../config/config.ts";

export interface Subject {
  readonly config: Config;
  readonly workflow: AnyWorkflow;
  readonly input: unknown;
  readonly id: string;
  readonly account: string;
  readonly seed: string;
  /** Whether the engine crashes now and then. */
  readonly kill: boolean;
}

/** @throws HF-CHAOS-LIVE, HF-INPUT-INVALID */
export function assertHarmless({ config, workflow, input }: Subject): void {
  if (config.venue?.kind === "live") {
    throw new HoldfastError(
      "HF-CHAOS-LIVE",
      `Cannot let chaos loose: this configuration's venue is live (${config.venue.baseUrl}). Nothing was run. Chaos wants a paper venue of its own, and uses the configuration's other resources as they are: choose the configuration for paper, such as --env paper or --config.`,
      { class: "state" },
    );
  }
  parseWith(workflow.input, input, `the input of workflow ${workflow.name}`);
}
