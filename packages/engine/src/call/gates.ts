// The gates of a session, one after the other, and the calls that wait before them: in the order in which they were
// decided, each no longer than its total.

import type { Clock, Random } from "@holdfast/core";
import type { Alarms } from "../clock/alarms.ts";
import { RECONCILE_MS_MAX, questionsUntil } from "./decide.ts";
import type { Bell, End, Gate, Hold, MakeGate, Purpose } from "./gate.ts";
import type { PendingCallState } from "./pending.ts";

export interface GatesOptions {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly random: Random;
  readonly gates: readonly MakeGate[];
}

/** What becomes of a call that is held. */
export interface Held {
  /** It may ask again. */
  readonly again: (call: PendingCallState) => void;
  /** It has waited for as long as it may. */
  readonly late: (call: PendingCallState, hold: Hold) => void;
}

interface Waiting extends Held {
  readonly call: PendingCallState;
  readonly hold: Hold;
  readonly limit: number;
}

const DROPPED: End = { kind: "dropped" };

export class Gates {
  readonly #options: GatesOptions;
  readonly #gates: readonly Gate[];
  /** Calls that are past the gates. */
  readonly #through = new Set<PendingCallState>();
  readonly #waiting = new Map<PendingCallState, Waiting>();
  /** Who waits, by queue, the first first. */
  readonly #queues = new Map<string, PendingCallState[]>();

  constructor(options: GatesOptions) {
    this.#options = options;
    this.#gates = options.gates.map((make) => make(this.#bell));
  }

  /** True where the call may begin; then `ended` is due. */
  pass(call: PendingCallState, purpose: Purpose): boolean {
    return this.#ask(call, purpose) === undefined;
  }

  /** Like `pass`; a call that is held waits, and one of `held` is called later. */
  enter(call: PendingCallState, purpose: Purpose, held: Held): boolean {
    const hold = this.#ask(call, purpose);
    if (hold === undefined) return true;
    const limit = limitOf(call, purpose);
    call.phase = "waiting";
    // Due, on disk: a restart asks again at once.
    call.nextAt = hold.until ?? this.#options.clock.now();
    const waiting = { ...held, call, hold, limit };
    this.#waiting.set(call, waiting);
    this.#stand(call, hold.queue);
    this.#wake(waiting, hold.until ?? limit);
    return false;
  }

  /** What was let through has ended. */
  ended(call: PendingCallState, end: End): void {
    if (!this.#through.delete(call)) return;
    const now = this.#options.clock.now();
    for (const gate of this.#gates) gate.ended(call, end, now);
  }

  /** An attempt says that the venue asks its account to rest. */
  rest(call: PendingCallState, ms: number): void {
    const now = this.#options.clock.now();
    for (const gate of this.#gates) gate.rest?.(call, ms, now);
  }

  /** The call is not to begin any more; its alarm is its owner's to cancel. */
  forget(call: PendingCallState): void {
    const waiting = this.#waiting.get(call);
    if (waiting === undefined) return;
    this.#waiting.delete(call);
    const { queue } = waiting.hold;
    const line = this.#queues.get(queue) ?? [];
    const at = line.indexOf(call);
    if (at >= 0) line.splice(at, 1);
    if (line.length === 0) this.#queues.delete(queue);
  }

  #ask(call: PendingCallState, purpose: Purpose): Hold | undefined {
    if (this.#gates.length === 0) return undefined;
    const now = this.#options.clock.now();
    for (const [index, gate] of this.#gates.entries()) {
      const hold = gate.ask(call, purpose, now);
      if (hold === undefined) continue;
      for (const before of this.#gates.slice(0, index)) before.ended(call, DROPPED, now);
      return hold;
    }
    this.#through.add(call);
    return undefined;
  }

  /** Whoever was decided first stands first, however often it has asked. */
  #stand(call: PendingCallState, queue: string): void {
    const line = this.#queues.get(queue);
    if (line === undefined) this.#queues.set(queue, [call]);
    else line.splice(line.findLastIndex((other) => isBefore(other, call)) + 1, 0, call);
  }

  #wake(waiting: Waiting, at: number): void {
    const { alarms, clock } = this.#options;
    const { call, limit } = waiting;
    alarms.cancel(call.alarm);
    call.alarm = alarms.set(Math.min(at, limit), () => {
      this.forget(call);
      if (clock.now() < limit) waiting.again(call);
      else waiting.late(call, waiting.hold);
    });
    alarms.rearm();
  }

  /** Never within the turn of whoever rings: those who are rung begin by their alarms. */
  readonly #bell: Bell = (queue, { count = Infinity, spreadMs = 0 } = {}) => {
    const rung = (this.#queues.get(queue) ?? []).slice(0, count);
    const { clock, random } = this.#options;
    const now = clock.now();
    for (const [index, call] of rung.entries()) {
      const waiting = this.#waiting.get(call);
      const late = spreadMs === 0 ? 0 : (spreadMs * (index + random.next())) / rung.length;
      if (waiting !== undefined) this.#wake(waiting, Math.round(now + late));
    }
  };
}

/**
 * How long a call may wait. One whose total was over when it was taken up is worth a whole attempt all the same, and
 * a question about money is worth the time that questions have.
 */
function limitOf(call: PendingCallState, purpose: Purpose): number {
  const { deadlineAt, lastSendAt, attempt, scheduledAt } = call;
  if (purpose === "ask") return questionsUntil(call);
  if (call.unknown && deadlineAt <= lastSendAt) return lastSendAt + RECONCILE_MS_MAX;
  const { queuedMs = Infinity } = call.activity.timeouts;
  return attempt === 0 ? Math.min(deadlineAt, scheduledAt + queuedMs) : deadlineAt;
}

function isBefore(a: PendingCallState, b: PendingCallState): boolean {
  return (
    a.scheduledAt < b.scheduledAt ||
    (a.scheduledAt === b.scheduledAt &&
      (a.run < b.run || (a.run === b.run && a.command.call < b.command.call)))
  );
}
