// What a campaign is made of: worlds of moderate size, the runs of each, and what they decide on. Everything follows
// from sizes and seed, so that a part can be repeated alone. Pure.

import { seededRandom } from "@holdfast/core";
import type { Definition } from "@holdfast/engine";
import type { Business } from "./business/decide.ts";
import { familyBusinesses } from "./business/family.ts";
import { moneyBusinesses } from "./business/money.ts";
import { tradeBusinesses } from "./business/trade.ts";

/** Effects of one world: checks are linear in them, and a part that fails is repeated soon. */
const SHARD_EFFECTS = 2_000;

export const BUSINESSES: readonly Business[] = [
  ...tradeBusinesses,
  ...moneyBusinesses,
  ...familyBusinesses,
];

export interface Shard {
  readonly index: number;
  readonly seed: string;
  readonly effects: number;
  readonly crashes: number;
}

export interface PlannedRun {
  readonly business: Business;
  readonly id: string;
  readonly rounds: number;
  readonly account: string;
}

/** Agents that runs share. */
const SHARED = ["ada", "bob"] as const;

/** Cuts a campaign into worlds: the first ones take what is left over. */
export function shardsOf(size: {
  readonly effects: number;
  readonly crashes: number;
  readonly seed: number;
}): readonly Shard[] {
  const count = Math.ceil(size.effects / SHARD_EFFECTS);
  const part = (whole: number, index: number): number =>
    Math.floor(whole / count) + (index < whole % count ? 1 : 0);
  return Array.from({ length: count }, (_, index) => ({
    index,
    seed: `${size.seed}/${index}`,
    effects: part(size.effects, index),
    crashes: part(size.crashes, index),
  }));
}

/** The runs of a world: kinds by weight, until they decide on as many effects as the world has. */
export function runsOf(
  { seed, effects }: Pick<Shard, "seed" | "effects">,
  businesses: readonly Business[] = BUSINESSES,
): readonly PlannedRun[] {
  const random = seededRandom(`${seed}/runs`);
  const bag = businesses.flatMap((one) => Array.from({ length: one.weight }, () => one));
  const filler = businesses.find(
    ({ perRound, account }) => perRound === 1 && account === undefined,
  );
  const runs: PlannedRun[] = [];
  let left = effects;
  while (left > 0) {
    // Each kind is there before chance decides, and what is left over is filled exactly.
    const drawn = businesses[runs.length] ?? bag[Math.floor(random.next() * bag.length)];
    const isTaken = runs.some(
      ({ business }) => business === drawn && business.account !== undefined,
    );
    const business = drawn !== undefined && drawn.perRound <= left && !isTaken ? drawn : filler;
    if (business === undefined) throw new Error("There is no business that fits any size.");
    const most = Math.min(business.roundsMax, Math.floor(left / business.perRound));
    const few = Math.ceil(most / 2);
    const rounds = few + Math.floor(random.next() * (most - few + 1));
    const account = business.account ?? SHARED[runs.length % SHARED.length] ?? SHARED[0];
    runs.push({ business, id: `${business.name}-${runs.length}`, rounds, account });
    left -= rounds * business.perRound;
  }
  return runs;
}

/** Names of all that the runs decide on, from the business alone. */
export function* decisionsOf(runs: readonly PlannedRun[]): Generator<string> {
  for (const { business, id, rounds } of runs) {
    for (let round = 0; round < rounds; round += 1) yield* business.decisions(id, round);
  }
}

/** The workflows of these businesses, and those that they start. */
export function definitionsOf(businesses: readonly Business[]): readonly Definition[] {
  return businesses.flatMap(({ workflow, children = [] }) => [workflow, ...children]);
}

export function accountsOf(runs: readonly PlannedRun[]): readonly string[] {
  return [...new Set(runs.map(({ account }) => account))];
}
