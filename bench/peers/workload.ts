// W1 to W5 as every peer does them, through what `Opened` offers, in the peer's own process. W6 needs two
// processes and is in `measurement.ts`.

import { percentile } from "../statistics.ts";
import { atOnce, timed } from "../workload.ts";
import { type Opened, WIDTH, type WorkloadId } from "./peer.ts";

/** Figures of one measurement, by name. */
export type Figures = Readonly<Record<string, number>>;

/** How large the work is. */
export interface Size {
  /** The small sizes of smoke tests. */
  readonly quick: boolean;
  /** A share of the full sizes. Default 1. */
  readonly share?: number | undefined;
  /** How long the runs of W4 sleep. Default 5 s. */
  readonly sleepMs?: number | undefined;
}

export function sized({ quick, share = 1 }: Size, full: number, small: number): number {
  return quick ? small : Math.max(small, Math.round(full * share));
}

/** What a workload is given to measure. */
export interface Scene {
  readonly opened: Opened;
  readonly size: (full: number, small: number) => number;
  readonly sleepMs: number;
  /** Memory now of the peer, and of its server, in MiB. */
  readonly memory: () => { readonly own: number; readonly server: number };
  /** Resolves when all runs whose waking is awaited have fallen asleep. */
  readonly allAsleep: () => Promise<unknown>;
  /** Resolves with how late each sleeper woke, in milliseconds, when all have. */
  readonly allWoken: (count: number, ms: number) => Promise<readonly number[]>;
  /** Called when the measured part begins: what came before warmed up. */
  readonly begin: () => void;
}

export interface Workload {
  readonly title: string;
  readonly measure: (scene: Scene) => Promise<Figures>;
}

const MS_PER_S = 1_000;
/** Latency is sampled until there are enough samples, or until this time is over. */
const SAMPLING_MS = 15_000;
/** Starts in flight at once. */
const START_WIDTH = 250;

const sequential: Workload = {
  title: "one run of 1,000 sequential steps",
  async measure({ opened, size, begin }) {
    const count = size(1_000, 40);
    await opened.steps("warm-up", size(100, 5));
    begin();
    const ms = await timed(() => opened.steps("run", count));
    return { steps: count, steps_s: (count * MS_PER_S) / ms };
  },
};

const STEPS = 5;

const concurrent: Workload = {
  title: `2,000 runs of ${STEPS} steps, ${WIDTH} at once`,
  async measure({ opened, size, begin }) {
    const runs = size(2_000, 60);
    const some = (name: string, count: number): Promise<void> =>
      atOnce(count, WIDTH, (n) => opened.steps(`${name}-${n}`, STEPS));
    await some("warm-up", size(200, 5));
    begin();
    const ms = await timed(() => some("run", runs));
    return { steps: runs * STEPS, steps_s: (runs * STEPS * MS_PER_S) / ms };
  },
};

const latency: Workload = {
  title: "a run of one step alone, start to result",
  async measure({ opened, size, begin }) {
    for (let n = 0; n < size(30, 5); n += 1) await opened.steps(`warm-up-${n}`, 1);
    begin();
    const samples: number[] = [];
    const end = performance.now() + SAMPLING_MS;
    for (let n = 0; n < size(300, 20) && performance.now() < end; n += 1)
      samples.push(await timed(() => opened.steps(`run-${n}`, 1)));
    return {
      steps: samples.length,
      p50_ms: percentile(samples, 0.5),
      p99_ms: percentile(samples, 0.99),
    };
  },
};

const sleepers: Workload = {
  title: "10,000 runs asleep for 5 s",
  async measure({ opened, size, sleepMs, memory, allAsleep, allWoken, begin }) {
    const count = size(10_000, 100);
    // What code takes is there before the runs are.
    await opened.steps("warm-up", size(100, 5));
    const before = memory();
    begin();
    const late = allWoken(count, sleepMs);
    const ms = await timed(() => atOnce(count, START_WIDTH, (n) => opened.sleeper(n, sleepMs)));
    await allAsleep();
    const asleep = memory();
    const lateMs = await late;
    return {
      runs: count,
      start_s: ms / MS_PER_S,
      late_p50_ms: percentile(lateMs, 0.5),
      late_p99_ms: percentile(lateMs, 0.99),
      memory_mib: asleep.own + asleep.server,
      memory_before_mib: before.own + before.server,
      own_mib: asleep.own,
      own_before_mib: before.own,
    };
  },
};

const group: Workload = {
  title: "a group of 1,000 steps at once and a join",
  async measure({ opened, size, begin }) {
    await opened.group("warm-up", size(100, 5));
    const count = size(1_000, 40);
    begin();
    return { steps: count, ms: await timed(() => opened.group("group", count)) };
  },
};

/** Those that a single process measures. */
export const WITHIN: Readonly<Record<Exclude<WorkloadId, "W6">, Workload>> = {
  W1: sequential,
  W2: concurrent,
  W3: latency,
  W4: sleepers,
  W5: group,
};

/** W6. */
export const RECOVERY = {
  title: "kill -9 with 1,000 runs of 3 steps in flight, restart to the last step done",
  runs: (size: Size): number => sized(size, 1_000, 60),
} as const;
