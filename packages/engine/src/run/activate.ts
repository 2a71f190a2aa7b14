// Delivers facts to machines, one fact at a time each, all machines of a round together: a round costs one
// emptying of the reaction queue however many machines take part.

import type { Command, Fact, HistoryEntry } from "@holdfast/core";
import { drained } from "./drain.ts";
import type { Machine } from "./machine.ts";

export interface Activation {
  readonly machine: Machine;
  readonly facts: readonly Fact[];
  readonly at: number;
  /** Filled here: each fact followed by the commands it led to. */
  readonly entries: HistoryEntry[];
  /** Counted here; less than all where the run closed on the way. */
  delivered: number;
}

/**
 * Delivers all facts of all activations. `onCommands` sees the commands that followed each fact, at once: it
 * may add activations (a run that continued as new), which take part in the next round.
 */
export async function activate(
  activations: Activation[],
  onCommands: (activation: Activation, commands: readonly Command[]) => void = () => undefined,
): Promise<void> {
  for (;;) {
    const moved: Activation[] = [];
    for (const activation of activations) {
      const { machine, facts, delivered } = activation;
      const fact = facts[delivered];
      if (fact === undefined || machine.problem !== undefined || machine.closed) continue;
      activation.delivered += 1;
      activation.entries.push(fact);
      machine.deliver(fact, activation.at);
      moved.push(activation);
    }
    if (moved.length === 0) return;
    await settleAll(moved);
    for (const activation of moved) {
      const commands = activation.machine.takeCommands();
      for (const command of commands) activation.entries.push(command);
      onCommands(activation, commands);
    }
  }
}

/** Lets all reactions run, again and again while conditions set more code going. */
async function settleAll(activations: readonly Activation[]): Promise<void> {
  let moving = activations;
  while (moving.length > 0) {
    await drained();
    moving = moving.filter(({ machine }) => machine.settle());
  }
}
