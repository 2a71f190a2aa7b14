// What a simulation tells: progress, seeds that failed with the line that repeats them, and what happened how often.

import { Counts } from "./counts.ts";
import type { Played } from "./play.ts";

/** Findings of a seed that are shown. */
const SHOWN_MAX = 5;
const TEXT_MAX = 600;
/** In a pipe, a line of progress after so many seconds. */
const LINE_MS = 15_000;

export interface Summary {
  readonly seeds: number;
  readonly failed: readonly Played[];
  readonly counts: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly seedsPerMinute: number;
  /** Virtual days that were played. */
  readonly days: number;
}

/** How to repeat a seed, and what it found. */
export function describeFailure({ seed, findings }: Played): string {
  const shown = findings.slice(0, SHOWN_MAX).map(({ rule, what }) => {
    const text = what.length > TEXT_MAX ? `${what.slice(0, TEXT_MAX)}…` : what;
    return `  ${rule}: ${text}`;
  });
  const more = findings.length - shown.length;
  return [
    `Seed ${seed} fails:`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
    `  repeat: npm run simulate -- --seed ${seed}`,
  ].join("\n");
}

export class Tally {
  readonly #counts = new Counts();
  readonly #failed: Played[] = [];
  readonly #begun = performance.now();
  #seeds = 0;
  #virtualMs = 0;

  add({ counts, tookMs, ...rest }: Played): void {
    this.#seeds += 1;
    this.#virtualMs += tookMs;
    this.#counts.addAll(counts);
    if (rest.findings.length > 0) this.#failed.push({ ...rest, counts, tookMs });
  }

  get summary(): Summary {
    const seconds = (performance.now() - this.#begun) / 1_000;
    return {
      seeds: this.#seeds,
      failed: this.#failed,
      counts: this.#counts.all,
      seconds: Math.round(seconds * 10) / 10,
      seedsPerMinute: Math.round((this.#seeds / seconds) * 60),
      days: Math.round(this.#virtualMs / 86_400_000),
    };
  }
}

export function describeSummary({ counts, ...summary }: Summary): string {
  const width = Math.max(...Object.keys(counts).map(({ length }) => length), 0);
  const lines = Object.entries(counts).map(
    ([name, times]) => `  ${name.padEnd(width)}  ${times.toLocaleString("en-US").padStart(9)}`,
  );
  return ["What happened:", ...lines, lineOf({ counts, ...summary })].join("\n");
}

/** "1,000 seeds, 0 failed; 512 virtual days; 380 seeds a minute." */
export function lineOf({ seeds, failed, seedsPerMinute, days }: Summary): string {
  const many = seeds.toLocaleString("en-US");
  return `${many} ${seeds === 1 ? "seed" : "seeds"}, ${failed.length} failed; ${days.toLocaleString("en-US")} virtual days; ${seedsPerMinute} seeds a minute.`;
}

/** Progress on a terminal is one line that changes; in a pipe it is a plain line now and then. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #toldAt = performance.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  tell(summary: () => Summary): void {
    const now = performance.now();
    if (now - this.#toldAt < (this.#stream.isTTY ? 200 : LINE_MS)) return;
    this.#toldAt = now;
    const line = lineOf(summary());
    this.#stream.write(this.#stream.isTTY ? `\r\u001B[K${line}` : `${line}\n`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\u001B[K");
  }
}
