// What was measured on one server: every figure of every workload on both sides, and what follows from them.

import type { WorkloadId } from "../peers/peer.ts";
import type { Figures } from "../peers/workload.ts";
import { median, rounded } from "../statistics.ts";
import type { Side } from "./sides.ts";

const MS_PER_S = 1_000;

/** What is reported of a workload, from what its process told. */
export function derived(figures: Figures): Figures {
  const { steps, cpu_s = 0, server_cpu_s = 0, runs, own_mib, own_before_mib } = figures;
  return {
    ...figures,
    ...(steps === undefined
      ? {}
      : {
          cpu_ms_per_step: (cpu_s * MS_PER_S) / steps,
          server_cpu_ms_per_step: (server_cpu_s * MS_PER_S) / steps,
        }),
    ...(runs === undefined || own_mib === undefined || own_before_mib === undefined
      ? {}
      : { mib_per_run: (own_mib - own_before_mib) / runs }),
  };
}

export class Measured {
  readonly #values = new Map<string, readonly number[]>();

  add(side: Side, workload: WorkloadId, figures: Figures): void {
    for (const [figure, value] of Object.entries(derived(figures))) {
      const key = keyOf(side, workload, figure);
      this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
    }
  }

  values(side: Side, workload: WorkloadId, figure: string): readonly number[] {
    return this.#values.get(keyOf(side, workload, figure)) ?? [];
  }

  /** For machines. */
  save(): readonly object[] {
    return [...this.#values].map(([id, values]) => ({
      id,
      median: rounded(median(values)),
      values: values.map(rounded),
    }));
  }
}

const keyOf = (side: Side, workload: WorkloadId, figure: string): string =>
  `${side}.${workload}.${figure}`;
