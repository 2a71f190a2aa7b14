// Writes one turn: each run's entries, the fold that is its row, the intents of its money calls. Everything
// here happens inside the turn's one transaction.

import type { Command, Fact, HistoryEntry, IntentState, VenueCapabilities } from "@holdfast/core";
import { callRef } from "../call/attempt.ts";
import { consult, fingerprintOf } from "../call/consult.ts";
import {
  type PendingCallState,
  isUnsentSince,
  markLost,
  pendingCall,
  placeOfCall,
  rowOf,
} from "../call/pending.ts";
import { type Gateway, notAdmitted } from "../guard/gateway.ts";
import type { LostTime } from "../lost-time.ts";
import { leavingOf } from "../move/leave.ts";
import { venueOf } from "../registry.ts";
import { effective } from "../run/effective.ts";
import { Fold, sameState } from "../run/fold.ts";
import type { RunRow } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { letterOf } from "./letter.ts";
import type { Step } from "./step.ts";

export interface CommitHost {
  readonly store: Store;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  /** Present where the journal was restored. */
  readonly lost: LostTime | undefined;
  readonly guard: Gateway;
  /** A call settled without being sent: a fact for the next turn. */
  readonly deliver: (row: number, fact: Fact) => void;
  /** Runs that a person took from the dead letters in this turn. */
  readonly discarded: ReadonlySet<number>;
}

export function writeStep(step: Step, at: number, host: CommitHost): void {
  const { store } = host;
  const { live, activation } = step;
  if (step.stuck || activation.machine.problem !== undefined) writeStuck(step, store);
  else {
    append(step, activation.entries, at, host);
    step.state = live.fold.state;
  }
  writeLetter(step, at, host);
  if (step.isNew) store.runs.insert({ ...live.row, state: step.state });
  else if (!sameState(step.state, live.state)) store.runs.update(live.row.row, step.state);
}

function append(
  step: Step,
  entries: readonly HistoryEntry[],
  at: number,
  host: Omit<CommitHost, "discarded">,
): void {
  if (entries.length === 0) return;
  const { live, activation } = step;
  const sequence = live.fold.length;
  for (const entry of entries) live.fold.apply(entry, activation.at);
  for (const entry of entries) writeEntry(step, entry, at, host);
  host.store.journal.append(live.row.row, sequence, activation.at, entries);
}

/**
 * The code does not fit: what the run was told is kept for code that does. Timers are not: they stay due. Only
 * its end needs no code.
 */
function writeStuck(step: Step, store: Store): void {
  const { live, activation } = step;
  live.problem ??= activation.machine.problem;
  step.stuck = true;
  const end = activation.facts.find(({ kind }) => kind === "terminated");
  if (end !== undefined) {
    store.journal.dropKept(live.row.row);
    live.fold = readFold(live.row.row, store);
    live.fold.apply(end, activation.at);
    activation.entries.splice(0, Infinity, end);
    store.journal.append(live.row.row, live.fold.length - 1, activation.at, [end]);
    // Its calls were not taken up: what is open may have been sent.
    step.doubt = store.intents.doubt(live.row.row);
    step.state = live.fold.state;
    return;
  }
  for (const fact of activation.facts) {
    if (fact.kind !== "fired" && fact.kind !== "update") store.journal.keep(live.row.row, fact);
  }
  step.state = { ...live.state, status: "stuck", problem: live.problem };
}

/** The fold of a run that is stuck, of which nothing was brought back. A damaged journal has none. */
function readFold(row: number, store: Store): Fold {
  try {
    return Fold.of(effective(store.journal.read(row)));
  } catch {
    const fold = new Fold();
    fold.length = store.journal.length(row);
    return fold;
  }
}

function writeLetter(step: Step, at: number, { store, discarded }: CommitHost): void {
  const { row } = step.live.row;
  const letter = discarded.has(row) ? undefined : letterOf(step);
  step.letter = letter !== undefined || step.live.hasLetter;
  if (letter !== undefined) store.letters.put(row, letter, at);
  else if (step.live.hasLetter) store.letters.drop(row);
  step.live.hasLetter = letter !== undefined;
}

function writeEntry(
  step: Step,
  entry: HistoryEntry,
  at: number,
  host: Omit<CommitHost, "discarded">,
): void {
  const { store } = host;
  const { calls } = step.live;
  switch (entry.kind) {
    case "call":
      writeCall(step, entry, at, host);
      break;
    case "done":
      meetLost(calls.get(entry.call), at, host);
      settle(calls.get(entry.call), "done", at, host, entry.output);
      break;
    case "failed":
      settle(calls.get(entry.call), "refused", at, host);
      break;
    case "started":
      if (entry.tags !== undefined) store.tags.set(step.live.row.row, entry.tags);
      break;
    case "tags":
      store.tags.set(step.live.row.row, entry.tags);
      break;
    case "update":
      store.setDelivered(entry.id, step.live.row.row);
      break;
    case "in-doubt":
    case "quarantined":
      settle(calls.get(entry.call), "in-doubt", undefined, host);
      keepSent(calls.get(entry.call), store);
      break;
    case "resent":
      sendAnew(calls.get(entry.call), at, store);
      settle(calls.get(entry.call), "open", undefined, host);
      break;
    case "call-cancelled":
      dropRow(calls.get(entry.call), store);
      break;
    case "continued":
      if (entry.elsewhere === true)
        store.leaving.put(step.live.row.row, leavingOf(step, entry, at));
      break;
    case "terminated":
      for (const call of calls.values()) {
        if (call.phase === "awaiting-approval") settle(call, "refused", at, host);
        else settle(call, "in-doubt", undefined, host);
      }
      break;
    default:
      break;
  }
}

/** An effect that was never sent, and is done: it is of the time that was lost. */
function meetLost(
  call: PendingCallState | undefined,
  at: number,
  { store, lost }: Pick<CommitHost, "store" | "lost">,
): void {
  if (call !== undefined && isUnsentSince(call)) lost?.met(store, at);
}

/** That a call was sent after the time that was lost is known after a restart, too: then nobody resends it. */
function keepSent(call: PendingCallState | undefined, store: Store): void {
  if (call?.lost !== true || isUnsentSince(call)) return;
  call.stored = true;
  store.calls.put(placeOfCall(call), rowOf(call));
}

function sendAnew(call: PendingCallState | undefined, at: number, store: Store): void {
  const key = call?.command.key;
  if (call !== undefined && key !== undefined && isUnsentSince(call)) {
    store.intents.sentAnew(key, at);
  }
}

function settle(
  call: PendingCallState | undefined,
  state: IntentState,
  at: number | undefined,
  { store, guard }: Pick<CommitHost, "store" | "guard">,
  output?: string,
): void {
  if (call === undefined) return;
  dropRow(call, store);
  if (at !== undefined && output !== undefined) guard.observe(call, output, at);
  const { effect, key } = call.command;
  if (effect !== "money" || key === undefined) return;
  store.intents.settle(key, state, at, output);
  if (at === undefined) return;
  if (state === "done") guard.done(call, output, at);
  else if (state === "refused") guard.refused(call, at);
}

function dropRow(call: PendingCallState | undefined, store: Store): void {
  if (call?.stored !== true) return;
  call.stored = false;
  store.calls.drop(placeOfCall(call));
}

function writeCall(
  step: Step,
  command: Command & { readonly kind: "call" },
  at: number,
  host: Omit<CommitHost, "discarded">,
): void {
  const { live, activation } = step;
  const { store, venues, lost } = host;
  const waiter = activation.machine.calls.get(command.call);
  if (waiter === undefined) return;
  const call = pendingCall(live, waiter.activity, command, activation.at, venues);
  call.input = waiter.input;
  waiter.input = undefined;
  live.calls.set(command.call, call);
  step.begun.push(call);
  if (command.effect !== "money" || command.key === undefined) return;
  const known = store.intents.get(command.key);
  if (known !== undefined) {
    const fact = consult(call, known, at, { lost });
    if (fact === undefined) {
      store.intents.adopt(command.key, live.row.row, command.call);
      if (call.sentAt !== undefined) store.intents.sent(command.key, call.sentAt);
      // What may have been sent was let through once.
      if (!call.unknown) judge(call, live.row, at, host);
    } else host.deliver(live.row.row, fact);
    return;
  }
  if (lost?.covers(at) === true) markLost(call, lost.from, lost.at);
  store.intents.insert({
    key: command.key,
    ref: callRef(call),
    account: live.row.account,
    activity: command.activity,
    venue: venueOf(waiter.activity, venues).names,
    fingerprint: fingerprintOf(call),
    run: live.row.row,
    call: command.call,
    state: "open",
    recordedAt: at,
    sentAt: call.sentAt,
    settledAt: undefined,
    output: undefined,
  });
  judge(call, live.row, at, host);
}

/** An effect that the guard does not let through is never begun: it ends with the guard's word. */
function judge(
  call: PendingCallState,
  run: RunRow,
  at: number,
  { guard, deliver }: Pick<CommitHost, "guard" | "deliver">,
): void {
  const fact = notAdmitted(call, guard.judge(call, run, at));
  if (fact !== undefined) deliver(run.row, fact);
}
