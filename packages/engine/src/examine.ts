// Looks a journal through for damage: the file's structure, and every run's entries with their checksums and
// their fold. Opens it for reading, also beside its owner; needs no definitions.

import { type BreakerState, type RunStatus, toFailure } from "@holdfast/core";
import { type Restored, restoredIn } from "./lost-time.ts";
import type { VenueIdentity } from "./options.ts";
import { wholeJournal } from "./run/whole.ts";
import { type Store, openStore } from "./store/store.ts";
import { keptBreakers } from "./policy/breakers.ts";
import { venueIn } from "./venue.ts";

export interface DamagedRun {
  readonly id: string;
  readonly message: string;
  /** False where the run has ended: then only its past cannot be read. */
  readonly isOpen: boolean;
}

export interface Examination {
  readonly format: number;
  /** What SQLite finds wrong with the file. */
  readonly faults: readonly string[];
  /** Runs whose entries are not what was written, or whose row is not the fold of them. */
  readonly damaged: readonly DamagedRun[];
  /** Of the others: how many stand how. */
  readonly statuses: Readonly<Partial<Record<RunStatus, number>>>;
  readonly deadLetters: number;
  /** Those that are not as they began. */
  readonly breakers: readonly BreakerState[];
  /** Workflows of open runs. */
  readonly openWorkflows: readonly string[];
  /** The latest time of any entry. */
  readonly lastAt: number | undefined;
  /** Present where it was restored or copied: until when money is asked about first. */
  readonly restored: Restored | undefined;
  /** The venue that it belongs to. */
  readonly venue: VenueIdentity | undefined;
}

/** @throws HF-STATE-MISSING, HF-STATE-OLDER, HF-STATE-NEWER, HF-STATE-FOREIGN, HF-STORE-FAILED */
export function examineJournal(path: string): Examination {
  using store = openStore(path, { readOnly: true });
  const damaged: DamagedRun[] = [];
  const statuses: Partial<Record<RunStatus, number>> = {};
  const openWorkflows = new Set<string>();
  let lastAt: number | undefined;
  for (const { row, id } of store.health.runs()) {
    const seen = store.health.snapshot(() => examineRun(store, row));
    if (seen.damage !== undefined) {
      damaged.push({ id, message: seen.damage, isOpen: seen.isOpen });
      continue;
    }
    if (seen.at !== undefined) lastAt = Math.max(lastAt ?? 0, seen.at);
    statuses[seen.status] = (statuses[seen.status] ?? 0) + 1;
    if (seen.isOpen) openWorkflows.add(seen.workflow);
  }
  return {
    format: store.health.format,
    faults: store.health.faults(),
    damaged,
    statuses,
    deadLetters: store.letters.count({}),
    breakers: keptBreakers(store).filter(({ mode }) => mode !== "closed"),
    openWorkflows: [...openWorkflows].sort(),
    lastAt,
    restored: restoredIn(store),
    venue: venueIn(store),
  };
}

type Seen =
  | { readonly damage: string; readonly isOpen: boolean }
  | {
      readonly damage?: undefined;
      readonly status: RunStatus;
      readonly workflow: string;
      readonly isOpen: boolean;
      readonly at: number | undefined;
    };

function examineRun(store: Store, row: number): Seen {
  let isOpen = true;
  try {
    const run = store.runs.byRow(row);
    if (run === undefined) return { damage: "Its row cannot be found.", isOpen };
    const { state, workflow } = run;
    isOpen = state.closedAt === undefined;
    const { rows } = wholeJournal(store, run);
    return { status: state.status, workflow, isOpen, at: rows.at(-1)?.at };
  } catch (error) {
    return { damage: toFailure(error).message, isOpen };
  }
}
