// Measures a workload: the engine's part and the floor's part in turn, so that a disk or a neighbour that
// slows down meanwhile slows both. An unmeasured run of each comes first, so that code is compiled: a start-up
// is a figure of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withChildProfile, withProfile } from "./profile.ts";
import { median } from "./statistics.ts";
import type { Figure, Part, Place } from "./workload.ts";
import type { Chosen } from "./workloads.ts";

export interface MeasureOptions {
  readonly runs: number;
  readonly quick: boolean;
  readonly folder: string;
  readonly profile: string | undefined;
  /** Told what is being measured. */
  readonly progress: (what: string) => void;
}

/** A figure with every measurement of it. */
export interface Measured {
  readonly figure: Figure;
  readonly value: number;
  readonly values: readonly number[];
  readonly floor: number;
  readonly floors: readonly number[];
}

/** Measures the workload and gives the figures that were asked for. */
export async function measure(
  { workload, ids }: Chosen,
  options: MeasureOptions,
): Promise<readonly Measured[]> {
  const { quick, folder, profile } = options;
  const runs = workload.once === true ? 1 : options.runs;
  const watched = workload.children ? withChildProfile : withProfile;
  const name = [...ids].join(", ");
  if (!quick && !workload.children) {
    options.progress(`${name}: warm-up`);
    await inPlace(workload.floor, folder, false);
    await inPlace(workload.engine, folder, false);
  }
  const engineRuns: (readonly number[])[] = [];
  const floorRuns: (readonly number[])[] = [];
  for (let run = 1; run <= runs; run += 1) {
    options.progress(`${name}: floor ${run} of ${runs}`);
    floorRuns.push(await inPlace(workload.floor, folder, quick));
    options.progress(`${name}: engine ${run} of ${runs}`);
    engineRuns.push(await watched(profile, () => inPlace(workload.engine, folder, quick)));
  }
  return workload.figures
    .map((figure, index) => {
      const values = column(engineRuns, index);
      const floors = column(floorRuns, index);
      return { figure, value: median(values), values, floor: median(floors), floors };
    })
    .filter(({ figure }) => ids.has(figure.id));
}

/** Runs a part in a folder of its own. */
async function inPlace(part: Part, base: string, small: boolean): Promise<readonly number[]> {
  const folder = mkdtempSync(join(base, "holdfast-bench-"));
  const size: Place["size"] = (full, little) => (small ? little : full);
  try {
    return await part({ folder, size });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function column(rows: readonly (readonly number[])[], index: number): readonly number[] {
  return rows.map((row) => {
    const value = row[index];
    if (value === undefined) throw new Error("A workload gave fewer values than it has figures.");
    return value;
  });
}
