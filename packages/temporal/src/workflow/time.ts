// The time of a run: the server's, or one that is held until a message brings a later instant. Held time lets a
// test drive a real server through a year.

import { sleep } from "@temporalio/workflow";
import { Alone } from "./alone.ts";

export interface RunTime {
  now(): number;
  /** Calls back at the instant, unless it is cancelled before. */
  set(timer: number, at: number, due: () => void): void;
  cancel(timer: number): void;
  /** Somebody has seen this instant. */
  advance(at: number): void;
}

export class ServerTime implements RunTime {
  readonly #timers = new Map<number, Alone>();

  now(): number {
    return Date.now();
  }

  set(timer: number, at: number, due: () => void): void {
    const scope = new Alone();
    this.#timers.set(timer, scope);
    scope
      .run(() => sleep(at - Date.now()))
      .then(
        () => {
          if (this.#timers.delete(timer)) due();
        },
        () => undefined,
      );
  }

  cancel(timer: number): void {
    this.#timers.get(timer)?.cancel();
    this.#timers.delete(timer);
  }

  advance(): void {
    // The server's time goes on by itself.
  }
}

/** A timer of the server that never fires: held time cancels it when it is due. */
const NEVER_MS = 10 * 365 * 86_400_000;

interface Held {
  readonly timer: number;
  /** The server knows of it, so that a replay finds it missing. */
  readonly scope: Alone;
  readonly at: number;
  readonly due: () => void;
}

export class HeldTime implements RunTime {
  readonly #told: (wakeAt: number | undefined) => void;
  #now: number;
  #timers: Held[] = [];

  /** @param told when it is next to be woken */
  constructor(start: number, told: (wakeAt: number | undefined) => void) {
    this.#now = start;
    this.#told = told;
  }

  now(): number {
    return this.#now;
  }

  set(timer: number, at: number, due: () => void): void {
    const scope = new Alone();
    scope.run(() => sleep(NEVER_MS)).catch(() => undefined);
    this.#timers.push({ timer, at, due, scope });
    this.#timers.sort((a, b) => a.at - b.at || a.timer - b.timer);
    this.#tell();
  }

  cancel(timer: number): void {
    for (const held of this.#timers) if (held.timer === timer) held.scope.cancel();
    this.#timers = this.#timers.filter((held) => held.timer !== timer);
    this.#tell();
  }

  advance(at: number): void {
    this.#now = Math.max(this.#now, at);
    const due = this.#timers.filter((held) => held.at <= this.#now);
    this.#timers = this.#timers.filter((held) => held.at > this.#now);
    for (const held of due) {
      held.scope.cancel();
      held.due();
    }
    if (due.length > 0) this.#tell();
  }

  #tell(): void {
    this.#told(this.#timers[0]?.at);
  }
}
