// The moments of a run at which something can go wrong, and which of them are tried. Pure: the clean run has
// met them, and the same seed meets them again in the same order.

import { type Random, seededRandom } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";

/** What goes wrong: a crash at a point, or a fault of the venue. */
export type Mishap = CrashPoint | "answer-dropped" | "answer-late" | "request-late";

/** In the order in which a report shows them. */
export const MISHAPS: Readonly<Record<Mishap, string>> = {
  "commit.before": "crash before a commit",
  "commit.after": "crash after a commit",
  "attempt.start": "crash before a call is sent",
  "attempt.answered": "crash after a call is answered",
  "answer-dropped": "answer dropped",
  "answer-late": "answer late, past its time-out",
  "request-late": "request late, carried out past its time-out",
};

/** The n-th time that a mishap is possible. */
export interface Moment {
  readonly mishap: Mishap;
  readonly nth: number;
  /** The refs concerned, where the engine names them. */
  readonly about: string;
  /** Of requests: whether they read or write. */
  readonly method: "GET" | "POST" | undefined;
  /** Whether it touches an effect: such moments are tried before others. */
  readonly matters: boolean;
}

/** What a clean run has met. */
export interface Met {
  readonly points: readonly { readonly point: CrashPoint; readonly about: string }[];
  readonly writes: number;
  readonly reads: number;
  /** Refs of calls with an effect. */
  readonly refs: ReadonlySet<string>;
}

/** Every moment of a run. */
export function momentsOf({ points, writes, reads, refs }: Met): readonly Moment[] {
  const count = new Map<CrashPoint, number>();
  const crashes = points.map(({ point, about }): Moment => {
    const nth = (count.get(point) ?? 0) + 1;
    count.set(point, nth);
    const names = about.split(",").map((name) => name.replace(/^[+-]/u, ""));
    const matters = names.some((name) => refs.has(name));
    return { mishap: point, nth, about, method: undefined, matters };
  });
  const requests = (mishap: Mishap, method: "GET" | "POST", total: number): readonly Moment[] =>
    Array.from({ length: total }, (_, index) => {
      return { mishap, nth: index + 1, about: "", method, matters: method === "POST" };
    });
  return [
    ...crashes,
    ...requests("answer-dropped", "POST", writes),
    ...requests("answer-dropped", "GET", reads),
    ...requests("answer-late", "POST", writes),
    ...requests("answer-late", "GET", reads),
    ...requests("request-late", "POST", writes),
  ];
}

/**
 * At most `max` of them, those that touch an effect first, evenly over the run; in an order in which a stop
 * at any time has tried some of everything.
 */
export function chosen(moments: readonly Moment[], max: number, seed: string): readonly Moment[] {
  const random = seededRandom(`${seed}/moments`);
  const first = spread(
    moments.filter(({ matters }) => matters),
    max,
  );
  const rest = spread(
    moments.filter(({ matters }) => !matters),
    max - first.length,
  );
  return [...shuffled(first, random), ...shuffled(rest, random)];
}

function spread<Item>(items: readonly Item[], max: number): readonly Item[] {
  if (items.length <= max) return items;
  return items.filter(
    (_, index) =>
      Math.floor((index * max) / items.length) !== Math.floor(((index - 1) * max) / items.length),
  );
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
