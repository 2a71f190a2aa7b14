// The venue's clock. It is real (the machine's time, moved ahead where the venue has been further already),
// scaled (so many times faster), or frozen and moved by hand. It never runs back by itself. Answers can be held
// until an instant of it, and others be woken at instants of their own.

import { HoldQueue, type Held, type Hold } from "./hold.ts";
import { type Waker, soonest } from "./waker.ts";
import { type Wall, nextTurn, systemWall } from "./wall.ts";

export type ClockMode = "real" | "scaled" | "frozen";

/** Fastest and slowest pace of a scaled clock. */
export const CLOCK_RATE_MAX = 1_000_000;
export const CLOCK_RATE_MIN = 0.001;

/** Last instant that the venue takes: the end of the year 9999. */
export const INSTANT_MAX = 253_402_300_799_999;

/** What is kept of a clock. */
export interface ClockState {
  readonly mode: ClockMode;
  readonly now: number;
  /** Milliseconds by which the venue's real time is ahead of the machine's; negative when it is behind. */
  readonly offset: number;
  /** Of a scaled clock: its milliseconds in one of the machine's. */
  readonly rate?: number;
}

/** Under a real clock nobody is asked further ahead than this, in milliseconds of the machine's time. */
const HORIZON_MS = 60_000;

export class VenueClock {
  readonly #wall: Wall;
  readonly #holds = new HoldQueue();
  readonly #wakers = new Set<Waker>();
  #mode: ClockMode;
  #rate: number;
  /** Latest instant that was read: time stands still rather than running back. */
  #latest: number;
  /** The machine's time and ours at one moment. */
  #anchor: { readonly wall: number; readonly now: number };
  #cancelTimer: (() => void) | undefined;
  #advancing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(state: ClockState, wall: Wall = systemWall) {
    this.#wall = wall;
    this.#mode = state.mode;
    this.#rate = state.mode === "scaled" ? (state.rate ?? 1) : 1;
    this.#latest = state.now;
    const now = wall.now();
    this.#anchor = { wall: now, now: state.mode === "scaled" ? state.now : now + state.offset };
  }

  get mode(): ClockMode {
    return this.#mode;
  }

  /** Its milliseconds in one of the machine's; 0 while it is frozen. */
  get rate(): number {
    return this.#mode === "frozen" ? 0 : this.#rate;
  }

  get state(): ClockState {
    const now = this.now();
    if (this.#mode === "scaled") return { mode: "scaled", now, offset: 0, rate: this.#rate };
    const offset = this.#mode === "real" ? this.#anchor.now - this.#anchor.wall : 0;
    return { mode: this.#mode, now, offset };
  }

  /** Milliseconds since the epoch. */
  now(): number {
    if (this.#mode !== "frozen") {
      const passed = (this.#wall.now() - this.#anchor.wall) * this.#rate;
      const now = Math.min(Math.floor(this.#anchor.now + passed), INSTANT_MAX);
      this.#latest = Math.max(this.#latest, now);
    }
    return this.#latest;
  }

  /**
   * Changes the mode; the clock goes on from `now` (default: where it stands, or, for a real one, the machine's
   * time if that is later). `rate` is for a scaled clock only.
   */
  set(mode: ClockMode, now?: number, rate = 1): void {
    const current = this.now();
    const wall = this.#wall.now();
    this.#mode = mode;
    this.#rate = mode === "scaled" ? rate : 1;
    this.#latest = now ?? (mode === "real" ? Math.max(current, wall) : current);
    this.#anchor = { wall, now: this.#latest };
    this.rearm();
  }

  /**
   * Moves a frozen clock to an instant, never back, and lets held answers and wakers go in due order: each runs
   * as far as it can before the next. Returns how many held answers went. Calls queue up.
   */
  advanceTo(instant: number): Promise<number> {
    const moved = this.#advancing.then(() => this.#advance(instant));
    this.#advancing = moved.catch(() => undefined);
    return moved;
  }

  /** Wakes somebody at instants of its own; returns how to leave. Whose instants change calls `rearm`. */
  attach(waker: Waker): () => void {
    this.#wakers.add(waker);
    this.rearm();
    return () => {
      this.#wakers.delete(waker);
    };
  }

  /** Holds an answer until an instant. */
  hold(held: Held): Hold {
    const hold = this.#holds.add(held);
    this.rearm();
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
    this.#closed = true;
    this.#cancelTimer?.();
    this.#wakers.clear();
    this.#holds.close();
  }

  /** Looks again who is due first: under a clock that runs, one timer waits for them. */
  rearm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#mode === "frozen" || this.#closed) return;
    const now = this.now();
    const horizon = now + HORIZON_MS * this.#rate;
    const first =
      soonest(this.#wakers, horizon)?.at ?? (this.#wakers.size > 0 ? horizon : Infinity);
    const next = Math.min(first, this.#holds.dueInstants()[0] ?? Infinity);
    if (next === Infinity) return;
    const wait = Math.ceil((next - now) / this.#rate);
    this.#cancelTimer = this.#wall.after(wait, () => {
      this.#wake();
      this.rearm();
    });
  }

  #wake(): void {
    const now = this.now();
    for (;;) {
      const held = this.#holds.takeDue(now);
      if (held === undefined) break;
      held.release();
    }
    // Each once: one whose work takes a while is due again when it has ended, and calls `rearm` then.
    for (const waker of this.#wakers) {
      const at = waker.next(now);
      if (at !== undefined) void waker.run(now);
    }
  }

  async #advance(instant: number): Promise<number> {
    let released = 0;
    for (;;) {
      if (this.#closed) return released;
      const [held = Infinity] = this.#holds.dueInstants();
      const woken = soonest(this.#wakers, Math.min(instant, held));
      if (woken !== undefined && woken.at < held) {
        this.#latest = Math.max(this.#latest, woken.at);
        await woken.waker.run(this.#latest);
        continue;
      }
      const due = this.#holds.takeDue(instant);
      if (due === undefined) break;
      this.#latest = Math.max(this.#latest, due.until);
      due.release();
      released += 1;
      await nextTurn();
    }
    this.#latest = Math.max(this.#latest, instant);
    for (const waker of this.#wakers) await waker.arrive?.(this.#latest);
    return released;
  }
}
