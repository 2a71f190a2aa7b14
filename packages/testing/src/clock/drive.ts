// Drives virtual time: lets everything that can happen happen, then jumps to the next instant at which
// something is due. With a real HTTP venue whose clock is frozen, the venue's clock and the engine's move
// together, and only when each attempt in flight is held by the venue until a stated instant.

import { HoldfastError } from "@holdfast/core";
import type { VirtualClock } from "./virtual-clock.ts";

/** Something that lives on the virtual clock: an engine. */
export interface Driven {
  /** True while something can happen without time passing or an attempt ending. */
  readonly busy: boolean;
  /** Attempts in flight. */
  readonly inFlight: number;
  idle(): Promise<void>;
}

/** A venue whose clock is frozen. */
export interface HeldVenue {
  /** Instants until which the venue holds answers: one for each request it is holding. */
  held(): Promise<readonly number[]>;
  /** Moves the venue's clock and lets due answers go. */
  advanceTo(instant: number): Promise<void>;
}

export interface DriveOptions {
  readonly clock: VirtualClock;
  readonly engines: () => readonly Driven[];
  readonly venue?: HeldVenue;
  /** Real milliseconds without any progress after which the drive gives up. Default 10 s. */
  readonly watchdogMs?: number;
  /** Called before each jump; when it settles the promise, time stands still. */
  readonly onJump?: (instant: number) => void | Promise<void>;
}

export const WATCHDOG_MS = 10_000;

/**
 * Drives time until the promise settles, and gives its value.
 *
 * @throws HF-DRIVE-STUCK when nothing is due, or nothing moves for 10 s of real time
 */
export async function drive<Value>(promise: Promise<Value>, options: DriveOptions): Promise<Value> {
  const { clock, engines, venue, watchdogMs = WATCHDOG_MS } = options;
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  let movedAt = performance.now();
  for (;;) {
    await rest(engines());
    if (settled) return promise;
    const inFlight = engines().reduce((sum, engine) => sum + engine.inFlight, 0);
    const held = inFlight > 0 && venue !== undefined ? await venue.held() : [];
    if (settled) return promise;
    const quiet = engines().every((engine) => !engine.busy);
    const now = engines().reduce((sum, engine) => sum + engine.inFlight, 0);
    if (quiet && now === inFlight && held.length >= inFlight) {
      // What is overdue is due now: time never goes back here.
      const next = Math.max(clock.now(), Math.min(clock.next ?? Number.POSITIVE_INFINITY, ...held));
      if (next === Number.POSITIVE_INFINITY)
        throw stuck("nothing is due, and nothing is in flight");
      await options.onJump?.(next);
      if (settled) return promise;
      // The venue first: what it holds until this instant must be answered before a time-out of the same
      // instant is looked at.
      await venue?.advanceTo(next);
      // An engine that died meanwhile may have stayed away for longer.
      clock.advanceTo(Math.max(next, clock.now()));
      movedAt = performance.now();
    } else if (performance.now() - movedAt > watchdogMs) {
      throw stuck(`${inFlight} attempts are in flight and ${held.length} are held by the venue`);
    }
  }
}

/** Lets the event loop turn until all engines rest, and whoever waited for them has gone on. */
async function rest(engines: readonly Driven[]): Promise<void> {
  do {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    for (const engine of engines) await engine.idle();
  } while (engines.some((engine) => engine.busy));
  // A tick asked for by a microtask comes after all promise reactions.
  await new Promise<void>((resolve) => {
    queueMicrotask(() => {
      process.nextTick(resolve);
    });
  });
}

function stuck(why: string): HoldfastError {
  return new HoldfastError("HF-DRIVE-STUCK", `Cannot drive virtual time on: ${why}.`);
}
