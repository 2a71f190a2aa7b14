// Brings a run back to where its journal ends: delivers the facts as they were delivered, and demands that
// the code gives the commands that stand in the journal.

import type { Command, Encoded, Fact, HistoryEntry } from "@holdfast/core";
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

/**
 * Replays the rows of a journal that count into a fresh machine. Afterwards `machine.problem` is set where the
 * code does not fit.
 */
export async function replay(machine: Machine, rows: Iterable<JournalRow>): Promise<void> {
  for (const { sequence, at, entries } of rows) {
    let next = 0;
    while (next < entries.length) {
      const fact = entries[next];
      if (fact === undefined || !isFact(fact)) {
        machine.bug("HF-DETERMINISM", `its journal has no fact at entry ${sequence + next}`);
        return;
      }
      next += 1;
      const commands = commandsFrom(entries, next);
      machine.replayedPatches = patchesOf(commands);
      machine.replayedLeave = leaveOf(commands);
      machine.deliver(fact, at);
      do await drained();
      while (machine.settle());
      if (machine.problem !== undefined) return;
      const found = difference(sequence + next, commands, machine.takeCommands());
      if (found !== undefined) {
        machine.bug(
          "HF-DETERMINISM",
          `its code no longer fits its history at entry ${found.sequence}. Expected from history: ${found.expected}. Got from code: ${found.got}`,
          { ...found },
        );
        return;
      }
      next += commands.length;
    }
  }
  machine.replayedPatches = undefined;
  machine.replayedLeave = undefined;
  machine.takeLogged();
}

/** The commands from a place on, up to the next fact. */
function commandsFrom(entries: readonly HistoryEntry[], from: number): readonly Command[] {
  const commands: Command[] = [];
  for (let next = from; next < entries.length; next += 1) {
    const entry = entries[next];
    if (entry === undefined || entry.kind === "resumed" || isFact(entry)) break;
    commands.push(entry);
  }
  return commands;
}

/** The state of the loop where the run left for another engine. */
function leaveOf(commands: readonly Command[]): Encoded | undefined {
  const last = commands.at(-1);
  if (last?.kind === "closing") return last.leaves;
  return last?.kind === "continued" && last.elsewhere === true ? last.loop : undefined;
}

const NO_PATCHES: ReadonlySet<string> = new Set();

function patchesOf(commands: readonly Command[]): ReadonlySet<string> {
  let patches: Set<string> | undefined;
  for (const command of commands) {
    if (command.kind === "patch") (patches ??= new Set()).add(command.id);
  }
  return patches ?? NO_PATCHES;
}
