// Brings a run back to where its journal ends: delivers the facts as they were delivered, and demands that
// the code gives the commands that stand in the journal.

import type { Command, Encoded, Fact, HistoryEntry } from "@holdfast/core";
import { areSame, difference } from "./difference.ts";
import { afterReactions } from "./drain.ts";
import type { Machine } from "./machine.ts";

/** A row of the journal: what one commit added to a run. */
export interface JournalRow {
  readonly sequence: number;
  readonly at: number;
  readonly entries: readonly HistoryEntry[];
}

const FACTS: ReadonlySet<HistoryEntry["kind"]> = new Set<Fact["kind"]>([
  "started",
  "done",
  "failed",
  "in-doubt",
  "quarantined",
  "awaiting-approval",
  "resent",
  "fired",
  "signal",
  "update",
  "child-started",
  "child-done",
  "child-failed",
  "sent",
  "send-failed",
  "cancel",
  "terminated",
]);

export function isFact(entry: HistoryEntry): entry is Fact {
  return FACTS.has(entry.kind);
}

/**
 * Replays the rows of a journal that count into a fresh machine. Afterwards `machine.problem` is set where the
 * code does not fit.
 */
export function replay(machine: Machine, rows: readonly JournalRow[]): Promise<void> {
  return new Promise((resolve, reject) => {
    new Replay(machine, rows, { resolve, reject }).deliver();
  });
}

interface End {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One way through a journal. It goes on in callbacks, because a promise awaited for each fact takes longer. */
class Replay {
  readonly #machine: Machine;
  readonly #rows: readonly JournalRow[];
  readonly #end: End;
  readonly #settleLater: () => void = afterReactions(() => {
    this.#settle();
  });
  #row = 0;
  /** In the row: where the commands of the fact that was delivered last begin and end. */
  #from = 0;
  #to = 0;

  constructor(machine: Machine, rows: readonly JournalRow[], end: End) {
    this.#machine = machine;
    this.#rows = rows;
    this.#end = end;
  }

  /** Delivers the next fact; what the code answers is looked at when all reactions have run. */
  deliver(): void {
    const machine = this.#machine;
    const row = this.#current();
    if (row === undefined) {
      machine.replayedPatches = undefined;
      machine.replayedLeave = undefined;
      machine.takeLogged();
      this.#end.resolve();
      return;
    }
    const { entries, at } = row;
    const fact = entries[this.#to];
    if (fact === undefined || !isFact(fact)) {
      machine.bug("HF-DETERMINISM", `its journal has no fact at entry ${row.sequence + this.#to}`);
      this.#end.resolve();
      return;
    }
    this.#from = this.#to + 1;
    this.#to = endOfCommands(entries, this.#from);
    machine.replayedPatches = patchesIn(entries, this.#from, this.#to);
    machine.replayedLeave = this.#to > this.#from ? leaveOf(entries[this.#to - 1]) : undefined;
    // What one turn brought stands in one row.
    machine.isTerminating = entries.at(-1)?.kind === "terminated";
    machine.deliver(fact, at);
    this.#settleLater();
  }

  /** The row of the next fact. */
  #current(): JournalRow | undefined {
    let row = this.#rows[this.#row];
    while (row !== undefined && this.#to >= row.entries.length) {
      this.#row += 1;
      this.#to = 0;
      row = this.#rows[this.#row];
    }
    return row;
  }

  #settle(): void {
    try {
      if (this.#machine.settle()) this.#settleLater();
      else if (this.#machine.problem === undefined && this.#fits()) this.deliver();
      else this.#end.resolve();
    } catch (error) {
      this.#end.reject(error);
    }
  }

  /** True where the code gave the commands that stand in the journal. */
  #fits(): boolean {
    const machine = this.#machine;
    const got = machine.takeCommands();
    const row = this.#rows[this.#row];
    if (row === undefined || areSame(row.entries, this.#from, this.#to, got)) return true;
    const expected = row.entries.slice(this.#from, this.#to) as Command[];
    const found = difference(row.sequence + this.#from, expected, got);
    if (found === undefined) return true;
    machine.bug(
      "HF-DETERMINISM",
      `its code no longer fits its history at entry ${found.sequence}. Expected from history: ${found.expected}. Got from code: ${found.got}`,
      { ...found },
    );
    return false;
  }
}

/** Where the commands from a place on end: at the next fact. */
function endOfCommands(entries: readonly HistoryEntry[], from: number): number {
  let next = from;
  for (; next < entries.length; next += 1) {
    const entry = entries[next];
    if (entry === undefined || entry.kind === "resumed" || isFact(entry)) break;
  }
  return next;
}

/** The state of the loop where the run left for another engine. */
function leaveOf(last: HistoryEntry | undefined): Encoded | undefined {
  if (last?.kind === "closing") return last.leaves;
  return last?.kind === "continued" && last.elsewhere === true ? last.loop : undefined;
}

const NO_PATCHES: ReadonlySet<string> = new Set();

function patchesIn(
  entries: readonly HistoryEntry[],
  from: number,
  to: number,
): ReadonlySet<string> {
  let patches: Set<string> | undefined;
  for (let next = from; next < to; next += 1) {
    const entry = entries[next];
    if (entry?.kind === "patch") (patches ??= new Set()).add(entry.id);
  }
  return patches ?? NO_PATCHES;
}
