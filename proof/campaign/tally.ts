// What a part of the campaign has counted, and how parts add up. Pure.

/** How often something happened, by name. */
export type Counts = Readonly<Record<string, number>>;

export interface Tally {
  /** Effects that were decided on, stated beforehand. */
  readonly expected: number;
  /** Effects that the venue's ledger shows under these names. */
  readonly effects: number;
  /** Effects beyond the first of their decision. */
  readonly doubled: number;
  /** Decisions without an effect. */
  readonly lost: number;
  /** Effects that nobody decided on, or that the engine has no intent for. */
  readonly foreign: number;
  /** Calls that are neither done nor refused. */
  readonly unresolved: number;
  /** Decisions that the venue refused, or whose time was over before they took effect: decided anew. */
  readonly refused: number;
  readonly late: number;
  /** Requests that the venue answered from memory, and questions what became of a key. */
  readonly replays: number;
  readonly asked: number;
  /** Calls in doubt that only a person could settle, who looked at the venue's ledger. */
  readonly byHand: number;
  readonly crashes: Counts;
  readonly venueCrashes: number;
  readonly kills: Counts;
  readonly clockJumps: number;
  /** How often each kind of fault struck. */
  readonly faults: Counts;
  /** Effects by operation of the venue. */
  readonly operations: Counts;
  /** What else is wrong, in words. */
  readonly problems: readonly string[];
}

export const NOTHING: Tally = {
  expected: 0,
  effects: 0,
  doubled: 0,
  lost: 0,
  foreign: 0,
  unresolved: 0,
  refused: 0,
  late: 0,
  replays: 0,
  asked: 0,
  byHand: 0,
  crashes: {},
  venueCrashes: 0,
  kills: {},
  clockJumps: 0,
  faults: {},
  operations: {},
  problems: [],
};

export function add(one: Tally, other: Tally): Tally {
  return {
    expected: one.expected + other.expected,
    effects: one.effects + other.effects,
    doubled: one.doubled + other.doubled,
    lost: one.lost + other.lost,
    foreign: one.foreign + other.foreign,
    unresolved: one.unresolved + other.unresolved,
    refused: one.refused + other.refused,
    late: one.late + other.late,
    replays: one.replays + other.replays,
    asked: one.asked + other.asked,
    byHand: one.byHand + other.byHand,
    crashes: addCounts(one.crashes, other.crashes),
    venueCrashes: one.venueCrashes + other.venueCrashes,
    kills: addCounts(one.kills, other.kills),
    clockJumps: one.clockJumps + other.clockJumps,
    faults: addCounts(one.faults, other.faults),
    operations: addCounts(one.operations, other.operations),
    problems: [...one.problems, ...other.problems],
  };
}

export function addCounts(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

export function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** True where nothing was doubled, lost, left open or is wrong otherwise. */
export function isClean(tally: Tally): boolean {
  const { doubled, lost, foreign, unresolved, problems, expected, effects } = tally;
  const wrong = doubled + lost + foreign + unresolved + problems.length;
  return wrong === 0 && effects === expected;
}

/** Effects by operation. */
export function operationsOf(effects: readonly { readonly operation: string }[]): Counts {
  const counts: Record<string, number> = {};
  for (const { operation } of effects) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}
