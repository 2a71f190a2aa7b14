// When the engine of a world dies, and how: at each of its moments, at rest, while it comes back, together with the
// venue. Kinds come at even rates, in an order made of the seed. It decides; the engine dies elsewhere.

import { type Random, seededRandom } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";
import { shuffled } from "./weather.ts";

/** Kinds of death that need no other before them. */
const FIRST = [
  "commit.before",
  "commit.after",
  "attempt.start",
  "attempt.answered",
  /** While nothing moves. */
  "rest",
  /** At any moment, and the venue dies, too. */
  "with-venue",
] as const;

/** Right after another death: at the first moment after it was opened again, or at one of the next. */
const AGAIN = ["opening", "recovery"] as const;

export type Crash = (typeof FIRST)[number] | (typeof AGAIN)[number];

export const CRASHES: readonly Crash[] = [...FIRST, ...AGAIN];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** For how long it stays away: mostly not at all. */
const AWAY_MS = [0, 0, 0, 90_000, 30 * MINUTE_MS, 3 * HOUR_MS] as const;
/** By how much its clock is set meanwhile: mostly not at all. */
const SET_MS = [0, 0, 0, 0, 0, -30_000, MINUTE_MS, -5 * MINUTE_MS] as const;
/** Moments of the right kind, at most, of which it dies at the last. */
const MOMENTS_MAX = 4;
/** By this share of the effects all crashes are asked for. */
const ASKED_BY = 0.9;

export interface Death {
  readonly kind: Crash;
  readonly awayMs: number;
  readonly setMs: number;
}

export class CrashSchedule {
  readonly #random: Random;
  /** Effects from which each crash is asked for. */
  readonly #at: readonly number[];
  #kinds: readonly Crash[] = [];
  #asked = 0;
  #armed: { readonly kind: Crash; left: number } | undefined;

  constructor(shard: {
    readonly seed: string;
    readonly crashes: number;
    readonly effects: number;
  }) {
    const random = seededRandom(`${shard.seed}/crashes`);
    const { crashes, effects } = shard;
    const at = (index: number): number => ((index + random.next()) / crashes) * effects * ASKED_BY;
    this.#at = Array.from({ length: crashes }, (_, index) => at(index));
    this.#random = random;
  }

  /** Crashes that have not happened. */
  get left(): number {
    return this.#at.length - this.#asked + (this.#armed === undefined ? 0 : 1);
  }

  /** The death that is due at this moment; undefined: it lives on. */
  meet(point: CrashPoint, effects: number): Death | undefined {
    this.#arm(effects);
    const armed = this.#armed;
    if (armed === undefined || armed.kind === "rest") return undefined;
    if (FIRST.some((kind) => kind === armed.kind) && armed.kind !== "with-venue") {
      if (armed.kind !== point) return undefined;
    }
    armed.left -= 1;
    return armed.left > 0 ? undefined : this.#die(armed.kind);
  }

  /** The same while nothing moves. */
  rest(effects: number): Death | undefined {
    this.#arm(effects);
    return this.#armed?.kind === "rest" ? this.#die("rest") : undefined;
  }

  /** What is left when all is done. */
  last(): Death {
    if (this.#armed === undefined) this.#take();
    return this.#die("rest");
  }

  #arm(effects: number): void {
    if (this.#armed === undefined && (this.#at[this.#asked] ?? Infinity) <= effects) this.#take();
  }

  #take(): void {
    if (this.#kinds.length === 0) this.#kinds = this.#round();
    const [kind = "rest", ...others] = this.#kinds;
    this.#kinds = others;
    this.#asked += 1;
    const moments = 1 + Math.floor(this.#random.next() * MOMENTS_MAX);
    this.#armed = { kind, left: kind === "opening" ? 1 : moments };
  }

  #die(kind: Crash): Death {
    this.#armed = undefined;
    // What comes right after a death does not wait for its turn.
    const isNext = AGAIN.some((again) => again === this.#kinds[0]);
    if (isNext && this.#asked < this.#at.length) this.#take();
    return { kind, awayMs: this.#one(AWAY_MS), setMs: this.#one(SET_MS) };
  }

  /** Each kind once; those that need another before them are never the first. */
  #round(): readonly Crash[] {
    const kinds: Crash[] = [...shuffled(FIRST, this.#random)];
    for (const again of AGAIN)
      kinds.splice(1 + Math.floor(this.#random.next() * kinds.length), 0, again);
    return kinds;
  }

  #one(choices: readonly number[]): number {
    return choices[Math.floor(this.#random.next() * choices.length)] ?? 0;
  }
}
