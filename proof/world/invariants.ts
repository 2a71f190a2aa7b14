// Every invariant of the system, held against a world after a play: against its journal, its venue's ledger, and
// what was seen outside. Gives those that are broken, in words. It changes nothing.

import { decisionRules } from "./rule/decisions.ts";
import { journalRules } from "./rule/journals.ts";
import { memoryRule } from "./rule/memory.ts";
import { readPlay } from "./rule/play.ts";
import { seenRules } from "./rule/seen.ts";
import type { Broken, Rule } from "./rule/rule.ts";
import { venueRules } from "./rule/venue.ts";
import { wakeRule } from "./rule/wake.ts";
import type { World } from "./world.ts";

export type { Broken, Rule };

export interface InvariantOptions {
  /** Whether to look for memory that is not given back: collects all garbage, some 30 ms. Default true. */
  readonly memory?: boolean;
}

/** The broken invariants of a world at rest, whose venue is up; none where all hold. */
export async function brokenInvariants(
  world: World,
  { memory = true }: InvariantOptions = {},
): Promise<readonly Broken[]> {
  await world.crashable.idle();
  const play = await readPlay(world);
  const broken = [
    ...seenRules(world, play),
    ...decisionRules(world, play),
    ...venueRules(world),
    ...journalRules(play),
    ...(await wakeRule(world, play)),
  ];
  for (const what of await world.crashable.verify()) {
    const isFold = what.includes("is damaged at entry");
    broken.push({ rule: isFold ? "row = fold" : "replay", what });
  }
  if (memory) broken.push(...(await memoryRule(world, play)));
  return broken;
}

/** Of a world at rest in the middle of its play: open runs that have no reason to wake. */
export async function sleepersIn(world: World): Promise<readonly Broken[]> {
  return wakeRule(world, await readPlay(world));
}

/** In lines. */
export function inWords(broken: readonly Broken[]): string {
  return broken.map(({ rule, what }) => `${rule}: ${what}`).join("\n");
}
