// What a play has left: its runs with their journals, its decisions, its effects. Read once, before the rules.

import type { Command, HistoryEntry } from "@holdfast/core";
import type { Store } from "@holdfast/engine";
import type { Effect } from "@holdfast/sandbox";
import type { World } from "../world.ts";

type RunRow = ReturnType<Store["runs"]["list"]>[number];
type IntentRow = ReturnType<Store["intents"]["all"]>[number];
type JournalRow = ReturnType<Store["journal"]["read"]>[number];
export type CallCommand = Command & { readonly kind: "call" };

export interface PlayedRun {
  readonly run: RunRow;
  readonly rows: readonly JournalRow[];
  /** All entries, with what a resumption left behind. */
  readonly entries: readonly HistoryEntry[];
  /** The entries that count. */
  readonly effective: readonly HistoryEntry[];
}

export interface Play {
  readonly runs: readonly PlayedRun[];
  readonly intents: ReadonlyMap<string, IntentRow>;
  /** What was decided and done by name: refs of calls with money. */
  readonly effects: readonly Effect[];
  readonly now: number;
}

export async function readPlay(world: World): Promise<Play> {
  const { runs, intents } = await world.crashable.inspect((store) => ({
    runs: store.runs
      .list({}, Number.MAX_SAFE_INTEGER)
      .toReversed()
      .map((run) => playedRun(run, readable(store, run.row))),
    intents: new Map(store.intents.all().map((intent) => [intent.key, intent])),
  }));
  return { runs, intents, effects: world.venue.effects(), now: world.clock.now() };
}

/** A journal that is damaged is told of by another rule. */
function readable(store: Store, row: number): readonly JournalRow[] {
  try {
    return store.journal.read(row);
  } catch {
    return [];
  }
}

function playedRun(run: RunRow, rows: readonly JournalRow[]): PlayedRun {
  const entries = rows.flatMap((row) => row.entries);
  let effective: HistoryEntry[] = [];
  for (const entry of entries) {
    if (entry.kind === "resumed") effective = effective.slice(0, entry.keep);
    else effective.push(entry);
  }
  return { run, rows, entries, effective };
}
