// What a turn does about time: takes the runs whose timers are due, and brings back those that will be due soon. It
// stops where it has replayed enough, and goes on in the next turn: others wait for this one.

import { REPLAY_MAX } from "../options.ts";
import type { Loader } from "../run/loader.ts";
import type { Wakes } from "../timer/wakes.ts";
import { type Plan, intake } from "./plan.ts";

interface Time {
  readonly wakes: Wakes;
  readonly loader: Loader;
}

export async function planDue(plan: Plan, { wakes, loader }: Time): Promise<void> {
  const enough = loader.replayed + REPLAY_MAX;
  for (const row of wakes.due(plan.at)) {
    if (loader.replayed > enough) return;
    const live = await loader.load(row);
    if (live.closed || live.problem !== undefined) continue;
    const { facts } = intake(plan, live);
    for (const timer of live.fold.due(plan.at)) facts.push({ kind: "fired", timer });
  }
}

export async function bringBack(now: number, { wakes, loader }: Time): Promise<void> {
  const enough = loader.replayed + REPLAY_MAX;
  for (const wakeUp of wakes.soon(now)) {
    if (loader.replayed > enough) return;
    await loader.load(wakeUp.row);
    wakes.isBack(wakeUp);
  }
}
