// What was measured, gathered over all runs: for the tables, and as JSON for machines.

import { median, rounded } from "../statistics.ts";
import type { About, Hop, WorkloadId } from "./peer.ts";
import type { Listed } from "./peers.ts";
import type { Figures } from "./workload.ts";

/** A peer that is there, and what the way to it costs. */
export interface Present {
  readonly listed: Listed;
  readonly about: About;
  readonly hop: Hop | undefined;
}

/** A peer that could not be measured at all. */
export interface Absent {
  readonly listed: Listed;
  readonly reason: string;
}

export interface SavedResults {
  readonly figures: readonly {
    /** Peer, workload and figure, with dots between them. */
    readonly id: string;
    readonly median: number;
    readonly values: readonly number[];
  }[];
  /** Why a workload of a peer has no figures, by both with a dot between them. */
  readonly missing: Readonly<Record<string, string>>;
}

export class Results {
  readonly #figures = new Map<string, readonly number[]>();
  readonly #missing = new Map<string, string>();

  add(peer: string, workload: WorkloadId, figures: Figures): void {
    for (const [figure, value] of Object.entries(figures)) {
      const key = keyOf(peer, workload, figure);
      this.#figures.set(key, [...(this.#figures.get(key) ?? []), value]);
    }
  }

  /** Why there is no figure; the workload is not tried again. */
  miss(peer: string, workload: WorkloadId, reason: string): void {
    this.#missing.set(keyOf(peer, workload), reason);
  }

  missing(peer: string, workload: WorkloadId): string | undefined {
    return this.#missing.get(keyOf(peer, workload));
  }

  values(peer: string, workload: WorkloadId, figure: string): readonly number[] {
    return this.#figures.get(keyOf(peer, workload, figure)) ?? [];
  }

  /** How often the workload that was measured most often was. */
  get runs(): number {
    return Math.max(0, ...[...this.#figures.values()].map(({ length }) => length));
  }

  /** The workloads that have a figure or a reason why not. */
  get workloads(): ReadonlySet<string> {
    const keys = [...this.#figures.keys(), ...this.#missing.keys()];
    return new Set(keys.map((key) => key.split(".")[1] ?? ""));
  }

  copy(): Results {
    const copy = new Results();
    copy.restore(this.save());
    return copy;
  }

  /** Adds what an earlier call has saved. */
  restore({ figures, missing }: SavedResults): void {
    for (const { id, values } of figures)
      this.#figures.set(id, [...values, ...(this.#figures.get(id) ?? [])]);
    for (const [id, reason] of Object.entries(missing))
      if (!this.#figures.has(`${id}.cpu_s`)) this.#missing.set(id, reason);
  }

  save(): SavedResults {
    return {
      figures: [...this.#figures].map(([id, values]) => ({
        id,
        median: rounded(median(values)),
        values: values.map(rounded),
      })),
      missing: Object.fromEntries(this.#missing),
    };
  }
}

const keyOf = (...parts: readonly string[]): string => parts.join(".");
