// Delivers facts to machines, one fact at a time each, all machines of a round together: a round costs one
// emptying of the reaction queue however many machines take part.

import type { Command, Fact, Failure, HistoryEntry } from "@holdfast/core";
import { drained } from "./drain.ts";
import type { Machine } from "./machine.ts";

export interface Activation {
  readonly machine: Machine;
  /** More may be added while the activation is under way. */
  readonly facts: Fact[];
  readonly at: number;
  /** Filled here: each fact followed by the commands it led to. */
  readonly entries: HistoryEntry[];
  /** Updates that the run's code did not accept: they leave no trace in its journal. */
  refused: Map<Fact, Failure> | undefined;
  /** Counted here; less than all where the run closed on the way. */
  delivered: number;
}

/** Whoever is activated. */
interface Active {
  readonly activation: Activation;
}

export interface ActivationWatch<Who extends Active> {
  /** Sees the commands that followed a fact, at once. It may add others, and facts to them. */
  readonly onCommands: (who: Who, commands: readonly Command[]) => void;
  /** After each round, before the next. It may wait, and add others and facts too. */
  readonly onRound: () => Promise<void> | undefined;
}

/** Delivers all facts of all activations. */
export async function activate<Who extends Active>(
  all: readonly Who[],
  watch: ActivationWatch<Who>,
): Promise<void> {
  for (;;) {
    const moved: Who[] = [];
    for (const who of all) if (deliverNext(who.activation)) moved.push(who);
    if (moved.length === 0) return;
    await settleAll(moved);
    for (const who of moved) {
      const { machine, entries } = who.activation;
      const commands = machine.takeCommands();
      for (const command of commands) entries.push(command);
      watch.onCommands(who, commands);
    }
    const crossing = watch.onRound();
    if (crossing !== undefined) await crossing;
  }
}

function deliverNext(activation: Activation): boolean {
  const { machine, facts, entries, at } = activation;
  for (;;) {
    const fact = facts[activation.delivered];
    if (fact === undefined || machine.problem !== undefined || machine.closed) return false;
    activation.delivered += 1;
    const refusal = fact.kind === "update" ? machine.refusal(fact) : undefined;
    if (refusal === undefined) {
      entries.push(fact);
      machine.isTerminating = facts.length > 1 && facts.some(isTermination);
      machine.deliver(fact, at);
      return true;
    }
    activation.refused ??= new Map();
    activation.refused.set(fact, refusal);
  }
}

const isTermination = ({ kind }: Fact): boolean => kind === "terminated";

/** Lets all reactions run, again and again while conditions set more code going. */
async function settleAll(all: readonly Active[]): Promise<void> {
  let moving = all;
  while (moving.length > 0) {
    await drained();
    moving = moving.filter(({ activation }) => activation.machine.settle());
  }
}
