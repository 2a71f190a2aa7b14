// What a workload is: the figures it gives, how the engine's part and the floor's part are run once, and the
// place each part is given. Both parts do the same work; only the features differ.

import { join } from "node:path";

/** What a figure should reach, and what it would reach at best. Information, never a failure. */
export interface Target {
  /** What is compared: the value itself, or its ratio to the floor. */
  readonly of: "value" | "floor";
  readonly aim: number;
  readonly stretch?: number;
}

export interface Figure {
  readonly id: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly target?: Target;
}

/** Where one part of one run happens. */
export interface Place {
  /** Fresh, empty, and removed afterwards. */
  readonly folder: string;
  /** The size to run at: the full one, or the small one of smoke tests. */
  readonly size: (full: number, small: number) => number;
}

/** One measurement: a value for each of the workload's figures, in their order. */
export type Part = (place: Place) => Promise<readonly number[]>;

export interface Workload {
  readonly figures: readonly Figure[];
  readonly engine: Part;
  readonly floor: Part;
  /** Runs in processes of its own: it is always cold, and a profile of this process says nothing. */
  readonly children?: true;
  /** Takes minutes: only run where it is named. */
  readonly byName?: true;
  /** Gives the same whenever it is measured. */
  readonly once?: true;
  /** What stands below its figures, for people. */
  readonly details?: () => readonly string[];
}

/** The file of a journal, the engine's or the floor's. */
export const journalIn = (place: Place): string => join(place.folder, "journal.sqlite");

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Does the work for 0 to count - 1, so many at once. */
export async function atOnce(
  count: number,
  width: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
