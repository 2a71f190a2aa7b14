// What is let loose on an agent: read from what was asked for, checked, and turned into the venue's own rules. Pure.

import { type Duration, HoldfastError, durationMs } from "@holdfast/core";
import { type FaultRuleInput, suiteOf } from "@holdfast/sandbox";
import {
  CHAOS_DEFAULTS,
  CHAOS_LATENCY_MS_MAX,
  CHAOS_SECONDS_MAX,
  CHAOS_SUITES,
  type ChaosSuite,
} from "./defaults.ts";

export interface Asked {
  /** Real seconds, more than 0, at most 3,600. Default 60. */
  readonly seconds?: number | undefined;
  /** Share of the calls that fail, from 0 to 1. Default 0.3. */
  readonly failureRate?: number | undefined;
  /** What every answer takes longer, at most a minute. Default "500ms". */
  readonly latency?: Duration | undefined;
  /** "agent" (default): everything at once; "seed4": partition, slowness, NaN and doubled orders in turn. */
  readonly suite?: string | undefined;
}

export interface ChaosPlan {
  readonly seconds: number;
  readonly failureRate: number;
  readonly latencyMs: number;
  /** The venue's name of what is armed. */
  readonly suite: string;
  readonly rules: (armedAt: number) => readonly FaultRuleInput[];
}

/** @throws HF-CHAOS-INVALID with everything that does not fit; HF-DURATION-INVALID */
export function planOf(asked: Asked): ChaosPlan {
  const { seconds = CHAOS_DEFAULTS.seconds, failureRate = CHAOS_DEFAULTS.failureRate } = asked;
  const { suite: named = CHAOS_DEFAULTS.suite } = asked;
  const latencyMs = durationMs(asked.latency ?? CHAOS_DEFAULTS.latency);
  const suite = isSuite(named) ? CHAOS_SUITES[named] : undefined;
  const found = suite === undefined ? undefined : suiteOf(suite);
  const problems = [
    ...(seconds > 0 && seconds <= CHAOS_SECONDS_MAX
      ? []
      : [`seconds is ${seconds}: expected more than 0 and at most ${CHAOS_SECONDS_MAX}`]),
    ...(failureRate >= 0 && failureRate <= 1
      ? []
      : [`failure rate is ${failureRate}: expected a share from 0 to 1, such as 0.3`]),
    ...(latencyMs >= 0 && latencyMs <= CHAOS_LATENCY_MS_MAX
      ? []
      : [`latency is ${latencyMs} ms: expected 0 to ${CHAOS_LATENCY_MS_MAX}`]),
    ...(found === undefined
      ? [`suite is "${named}": expected ${Object.keys(CHAOS_SUITES).join(" or ")}`]
      : []),
  ];
  if (problems.length > 0 || suite === undefined || found === undefined) {
    throw new HoldfastError(
      "HF-CHAOS-INVALID",
      `Cannot let chaos loose: ${problems.join("; ")}. Nothing was run.`,
      { class: "data", details: { problems } },
    );
  }
  const parameters = {
    failureRate,
    latencyMs,
    // Its four steps fill the time.
    ...(named === "seed4" ? { stepSeconds: seconds / 4 } : {}),
  };
  const rules = (armedAt: number): readonly FaultRuleInput[] => found.rules(parameters, armedAt);
  return { seconds, failureRate, latencyMs, suite, rules };
}

function isSuite(name: string): name is ChaosSuite {
  return Object.hasOwn(CHAOS_SUITES, name);
}
