// What befalls engine, venue, disk and clock in a play, and when: plain data, made of a seed.

import type { CrashPoint } from "@holdfast/engine";
import type { Chance } from "./chance.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What happens while an engine is away. */
export type Meanwhile =
  | { readonly kind: "venue crash"; readonly downMs: number }
  | { readonly kind: "venue restored" }
  /** Its file alone, or the whole folder. */
  | { readonly kind: "journal file restored" | "journal folder restored" }
  | { readonly kind: "journal deleted" }
  | { readonly kind: "clock set"; readonly byMs: number }
  | { readonly kind: "disk full"; readonly pages: number; readonly ms: number }
  /** The next engine dies, too, at its n-th commit. */
  | { readonly kind: "crash in recovery"; readonly point: CrashPoint; readonly nth: number };

export type Mishap =
  /** At the n-th point of this kind. */
  | {
      readonly kind: "crash";
      readonly point: CrashPoint;
      readonly nth: number;
      readonly awayMs: number;
      readonly meanwhile: readonly Meanwhile[];
    }
  /** The commit fails: nothing of it is on disk ("before"), or all of it is ("after"). */
  | { readonly kind: "disk error"; readonly point: CrashPoint; readonly nth: number }
  | { readonly kind: "venue crash"; readonly at: number; readonly downMs: number }
  | { readonly kind: "restart" | "takeover" | "backup"; readonly at: number };

/** A play that is over within the time for which the venue keeps keys may lose journals. */
export type Span = "short" | "long";

const LOSSES = ["journal file restored", "journal folder restored", "journal deleted"] as const;

const POINTS: readonly CrashPoint[] = [
  "commit.before",
  "commit.after",
  "attempt.start",
  "attempt.answered",
];

export function mishapsOf(chance: Chance, span: Span): readonly Mishap[] {
  const mishaps: Mishap[] = [];
  const at = (): number => chance.between(1, 150) * MINUTE;
  const backs = { left: 1 };
  for (let left = chance.between(0, 5); left > 0; left -= 1)
    mishaps.push(crashOf(chance, span, backs));
  if (chance.of(0.35)) {
    const point = chance.pick(["commit.before", "commit.after"] as const);
    mishaps.push({ kind: "disk error", point, nth: chance.between(1, 40) });
  }
  if (chance.of(0.25))
    mishaps.push({ kind: "venue crash", at: at(), downMs: chance.between(0, 30) * MINUTE });
  if (chance.of(0.2)) mishaps.push({ kind: "restart", at: at() });
  if (chance.of(0.2)) mishaps.push({ kind: "takeover", at: at() });
  for (let backups = chance.between(0, 2); backups > 0; backups -= 1)
    mishaps.push({ kind: "backup", at: at() });
  return mishaps;
}

function crashOf(chance: Chance, span: Span, backs: { left: number }): Mishap {
  const awayMs = chance.pick([0, 1_000, chance.between(1, 45) * MINUTE]);
  const isLong = span === "long" && chance.of(0.15);
  return {
    kind: "crash",
    point: chance.pick(POINTS),
    nth: chance.between(1, 40),
    awayMs: isLong ? chance.between(22, 50) * HOUR : awayMs,
    meanwhile: chance.of(0.6) ? [] : meanwhileOf(chance, span, backs),
  };
}

function meanwhileOf(chance: Chance, span: Span, backs: { left: number }): readonly Meanwhile[] {
  const found: Meanwhile[] = [];
  if (chance.of(0.3)) found.push({ kind: "venue crash", downMs: chance.between(0, 20) * MINUTE });
  if (chance.of(0.3)) {
    const point = chance.pick(POINTS);
    found.push({ kind: "crash in recovery", point, nth: chance.between(1, 3) });
  }
  if (chance.of(0.25)) {
    const isBack = backs.left > 0 && chance.of(0.5);
    if (isBack) backs.left -= 1;
    const byMs = isBack ? -chance.between(1, 45) * MINUTE : chance.between(1, 90) * MINUTE;
    found.push({ kind: "clock set", byMs });
  }
  if (chance.of(0.2)) {
    const ms = chance.between(2, 600) * 1_000;
    found.push({ kind: "disk full", pages: chance.between(0, 3), ms });
  }
  if (span === "short" && chance.of(0.3)) found.push({ kind: chance.pick(LOSSES) });
  if (span === "short" && chance.of(0.1)) found.push({ kind: "venue restored" });
  return found;
}
