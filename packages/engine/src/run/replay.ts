// Brings a run back to where its journal ends: delivers the facts as they were delivered, and demands that
// the code gives the commands that stand in the journal.

import type { Command, Fact, HistoryEntry } from "@holdfast/core";
import { difference } from "./difference.ts";
import { drained } from "./drain.ts";
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

/** A fact, and the commands that it led to. */
interface Stretch {
  readonly sequence: number;
  readonly fact: Fact;
  readonly commands: readonly Command[];
}

/**
 * Replays the rows of a journal that count into a fresh machine. Afterwards `machine.problem` is set where the
 * code does not fit.
 */
export async function replay(machine: Machine, rows: Iterable<JournalRow>): Promise<void> {
  for (const row of rows) {
    const stretches = stretchesOf(row);
    if (stretches === undefined) {
      machine.bug("HF-DETERMINISM", `its journal has no fact at entry ${row.sequence}`);
      return;
    }
    for (const { sequence, fact, commands } of stretches) {
      machine.replayedPatches = patchesOf(commands);
      machine.deliver(fact, row.at);
      do await drained();
      while (machine.settle());
      if (machine.problem !== undefined) return;
      const found = difference(sequence + 1, commands, machine.takeCommands());
      if (found === undefined) continue;
      machine.bug(
        "HF-DETERMINISM",
        `its code no longer fits its history at entry ${found.sequence}. Expected from history: ${found.expected}. Got from code: ${found.got}`,
        { ...found },
      );
      return;
    }
  }
  machine.replayedPatches = undefined;
  machine.takeLogged();
}

/** Undefined where a row does not begin with a fact. */
function stretchesOf({ sequence, entries }: JournalRow): readonly Stretch[] | undefined {
  const stretches: { sequence: number; fact: Fact; commands: Command[] }[] = [];
  for (const [index, entry] of entries.entries()) {
    const last = stretches.at(-1);
    if (entry.kind === "resumed") return undefined;
    if (isFact(entry)) stretches.push({ sequence: sequence + index, fact: entry, commands: [] });
    else if (last === undefined) return undefined;
    else last.commands.push(entry);
  }
  return stretches;
}

const NO_PATCHES: ReadonlySet<string> = new Set();

function patchesOf(commands: readonly Command[]): ReadonlySet<string> {
  let patches: Set<string> | undefined;
  for (const command of commands) {
    if (command.kind === "patch") (patches ??= new Set()).add(command.id);
  }
  return patches ?? NO_PATCHES;
}
