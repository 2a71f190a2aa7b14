// An engine that is not the embedded one: what it says itself of what it runs on.

import { type EngineFactory, toFailure } from "@holdfast/core";
import type { Config } from "../config/config.ts";
import { profileOf } from "../host/venue.ts";
import { type Finding, fine, problem } from "./finding.ts";

export async function checkEngine(
  engine: EngineFactory,
  { venue = { kind: "paper" } }: Config,
): Promise<readonly Finding[]> {
  const { idempotency, keyTtlMs } = profileOf(venue);
  const named = fine("engine", engine.name);
  try {
    const keys = { keyTtlMs: idempotency === "none" ? undefined : keyTtlMs };
    return [named, ...((await engine.examine?.(keys)) ?? [])];
  } catch (error) {
    const { message } = toFailure(error);
    return [named, problem("engine", message, "Look at the engine itself.")];
  }
}
