// The workflows of the Temporal peer, which Temporal bundles for its own sandbox: nothing but its workflow
// package, and what a step is given, may be imported here.

import { proxyActivities, sleep } from "@temporalio/workflow";
import { payload } from "../../payload.ts";
import type { Activities } from "./temporal.ts";

const { step, effect, asleep, woke } = proxyActivities<Activities>({
  startToCloseTimeout: "1 minute",
});

const STEPS_WITH_EFFECT = 3;

export async function steps(count: number): Promise<number> {
  for (let n = 0; n < count; n += 1) await step(payload(n));
  return count;
}

export async function group(count: number): Promise<number> {
  const all = Array.from({ length: count }, (_, n) => step(payload(n)));
  return (await Promise.all(all)).length;
}

export async function sleeper(run: number, ms: number): Promise<number> {
  await asleep(run);
  await sleep(ms);
  return woke(run);
}

export async function effects(run: number): Promise<number> {
  for (let n = 0; n < STEPS_WITH_EFFECT; n += 1) await effect(run, n);
  return run;
}
