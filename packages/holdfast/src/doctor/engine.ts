// An engine that is not the embedded one: what it says itself of what it runs on.

import { type EngineFactory, toFailure } from "@holdfast/core";
import type { Config } from "../config/config.ts";
import { hostedWorkflows } from "../host/definitions.ts";
import { profileOf } from "../host/venue.ts";
import { type Finding, fine, problem } from "./finding.ts";

export async function checkEngine(
  engine: EngineFactory,
  config: Config,
): Promise<readonly Finding[]> {
  const { idempotency, keyTtlMs } = profileOf(config.venue ?? { kind: "paper" });
  const named = fine("engine", engine.name);
  try {
    const request = {
      keyTtlMs: idempotency === "none" ? undefined : keyTtlMs,
      workflows: hostedWorkflows(config).map(({ name }) => name),
    };
    return [named, ...((await engine.examine?.(request)) ?? [])];
  } catch (error) {
    const { message } = toFailure(error);
    return [named, problem("engine", message, "Look at the engine itself.")];
  }
}
