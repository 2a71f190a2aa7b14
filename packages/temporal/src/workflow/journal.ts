// What a run has been told and has decided, in order: replaying the server's history makes it again, so that
// description, calls and history of a run are asked of its own code.

import {
  CLOSED_STATUSES,
  type HistoryEntry,
  type ListedEntry,
  encode,
  isStandstill,
} from "@holdfast/core";
import { type CallWaiter, Fold, callKey, callRef } from "@holdfast/engine/workflow-side";
import { workflowInfo } from "@temporalio/workflow";
import type { TemporalMachine } from "./machine.ts";
import {
  JOURNAL_PART,
  type JournalPart,
  type OpenCall,
  type Parked,
  type RunState,
} from "./protocol.ts";

export class Journal {
  readonly #machine: TemporalMachine;
  readonly #entries: ListedEntry[] = [];
  readonly #events: number[] = [];
  readonly #fold = new Fold();
  /** When each call was decided. */
  readonly #calls = new Map<number, number>();

  constructor(machine: TemporalMachine) {
    this.#machine = machine;
  }

  add(entry: HistoryEntry, at: number): void {
    this.#entries.push({ sequence: this.#entries.length, at, entry });
    this.#events.push(workflowInfo().historyLength);
    const awaited =
      entry.kind === "resent" && this.#fold.parked.get(entry.call)?.kind === "awaiting-approval";
    this.#fold.apply(entry, at);
    if (entry.kind === "call") this.#calls.set(entry.call, at);
    // What was approved has its whole total from there.
    if (entry.kind === "resent" && awaited) this.#calls.set(entry.call, at);
  }

  scheduledAt(call: number): number {
    return this.#calls.get(call) ?? this.#fold.lastAt;
  }

  /** Why the run stands for a person; undefined where it does not. */
  get standing(): Parked["kind"] | undefined {
    const { status } = this.#fold.state;
    return isStandstill(status) ? status : undefined;
  }

  part(from: number): JournalPart {
    const entries = this.#entries.slice(from, from + JOURNAL_PART);
    const events = this.#events.slice(from, from + JOURNAL_PART);
    const next = from + entries.length;
    return { entries, events, next: next < this.#entries.length ? next : undefined };
  }

  state(outside: (call: number) => Pick<OpenCall, "beat" | "told">): RunState {
    const { identity, notes } = this.#machine;
    const { status, wakeAt, cancelRequested } = this.#fold.state;
    const first = this.#entries[0]?.entry;
    return {
      status,
      wakeAt,
      cancelRequested,
      length: this.#entries.length,
      root: identity.root,
      generation: identity.generation,
      account: identity.account,
      parent: identity.parent,
      tags: notes.tags,
      memo: Object.keys(notes.memo).length === 0 ? undefined : encode(notes.memo),
      input: first?.kind === "started" ? first.input : "",
      problem: this.#machine.problem,
      calls: CLOSED_STATUSES.includes(status) ? [] : this.#open(outside),
      lastAt: this.#fold.lastAt,
    };
  }

  #open(outside: (call: number) => Pick<OpenCall, "beat" | "told">): OpenCall[] {
    const { calls, identity } = this.#machine;
    return [...calls.values()].map(({ command }: CallWaiter) => {
      const { call, activity, effect, totalMs } = command;
      const scheduledAt = this.scheduledAt(call);
      return {
        call,
        activity,
        effect,
        key: callKey({ identity, command }),
        ref: callRef({ identity, command }),
        scheduledAt,
        deadlineAt: scheduledAt + totalMs,
        parked: parkedBy(this.#fold.parked.get(call)),
        ...outside(call),
      };
    });
  }
}

function parkedBy(parking: Parked | undefined): Parked | undefined {
  return parking && { kind: parking.kind, failure: parking.failure };
}
