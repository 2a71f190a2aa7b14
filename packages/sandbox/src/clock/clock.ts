// The venue's clock. It is real (the machine's time, moved ahead where the venue has been further already) or
// frozen and moved by hand. It never runs back by itself. Answers can be held until an instant of it.

import { HoldQueue, type Held, type Hold } from "./hold.ts";
import { type Wall, nextTurn, systemWall } from "./wall.ts";

export type ClockMode = "real" | "frozen";

/** Last instant that the venue takes: the end of the year 9999. */
export const INSTANT_MAX = 253_402_300_799_999;

/** What is kept of a clock. */
export interface ClockState {
  readonly mode: ClockMode;
  readonly now: number;
  /** Milliseconds by which the venue's real time is ahead of the machine's; negative when it is behind. */
  readonly offset: number;
}

export class VenueClock {
  readonly #wall: Wall;
  readonly #holds = new HoldQueue();
  #mode: ClockMode;
  /** Latest instant that was read: real time stands still rather than running back. */
  #latest: number;
  #offset: number;
  #cancelTimer: (() => void) | undefined;
  #advancing: Promise<unknown> = Promise.resolve();

  constructor(state: ClockState, wall: Wall = systemWall) {
    this.#wall = wall;
    this.#mode = state.mode;
    this.#latest = state.now;
    this.#offset = state.offset;
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  get state(): ClockState {
    return { mode: this.#mode, now: this.now(), offset: this.#offset };
  }

  /** Milliseconds since the epoch. */
  now(): number {
    if (this.#mode === "real") {
      this.#latest = Math.max(this.#latest, this.#wall.now() + this.#offset);
    }
    return this.#latest;
  }

  /** Changes the mode; the clock goes on from `now` (default: where it stands, or the machine's if later). */
  set(mode: ClockMode, now?: number): void {
    const current = this.now();
    const wall = this.#wall.now();
    this.#mode = mode;
    this.#latest = now ?? (mode === "real" ? Math.max(current, wall) : current);
    this.#offset = mode === "real" ? this.#latest - wall : 0;
    this.#arm();
  }

  /**
   * Moves a frozen clock to an instant, never back, and lets held answers go in due order: each runs as far as
   * it can before the next. Returns how many went. Calls queue up.
   */
  advanceTo(instant: number): Promise<number> {
    const moved = this.#advancing.then(() => this.#advance(instant));
    this.#advancing = moved.catch(() => undefined);
    return moved;
  }

  /** Holds an answer until an instant. */
  hold(held: Held): Hold {
    const hold = this.#holds.add(held);
    this.#arm();
    return hold;
  }

  /** Answers held for callers that still wait, in due order. */
  held(): readonly Held[] {
    return this.#holds.held();
  }

  /** Instants at which something held is due, also for callers that have gone: it still happens. */
  dueInstants(): readonly number[] {
    return this.#holds.dueInstants();
  }

  /** Resolves when at least so many answers are held, after some real milliseconds, or when the venue closes. */
  async waitForHeld(count: number, timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0) return;
    const wait = this.#holds.waitFor(count);
    const cancel = this.#wall.after(timeoutMs, wait.giveUp);
    await wait.reached;
    cancel();
  }

  /** Ends every hold: what is held is neither carried out nor answered. */
  close(): void {
    this.#cancelTimer?.();
    this.#holds.close();
  }

  async #advance(instant: number): Promise<number> {
    let released = 0;
    for (;;) {
      const due = this.#holds.takeDue(instant);
      if (due === undefined) break;
      this.#latest = Math.max(this.#latest, due.until);
      due.release();
      released += 1;
      await nextTurn();
    }
    this.#latest = Math.max(this.#latest, instant);
    return released;
  }

  /** Under a real clock one timer waits for the next that is due. */
  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const [next] = this.#holds.dueInstants();
    if (this.#mode !== "real" || next === undefined) return;
    this.#cancelTimer = this.#wall.after(next - this.now(), () => {
      for (;;) {
        const due = this.#holds.takeDue(this.now());
        if (due === undefined) break;
        due.release();
      }
      this.#arm();
    });
  }
}
