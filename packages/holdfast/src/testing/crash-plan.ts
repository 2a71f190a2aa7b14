// Which crashes a test has asked for, and which have happened. It decides; the engine dies elsewhere.

import { type Duration, HoldfastError, durationMs } from "@holdfast/core";
import type { CrashPoint } from "@holdfast/engine";

export interface CrashOptions {
  /** Only where the point is about the call with this business name. */
  readonly ref?: string | undefined;
  /** The n-th such moment from now on. Default 1. */
  readonly nth?: number | undefined;
  /** Virtual time for which the engine is away. Default 0. */
  readonly away?: Duration | undefined;
}

interface Armed {
  readonly point: CrashPoint;
  readonly ref: string | undefined;
  readonly awayMs: number;
  left: number;
}

export class CrashPlan {
  #armed: Armed[] = [];

  arm(point: CrashPoint, { ref, nth = 1, away = 0 }: CrashOptions): void {
    this.#armed.push({ point, ref, left: nth, awayMs: durationMs(away) });
  }

  /** For how long the engine is away from this moment on; undefined where it does not crash. */
  meet(point: CrashPoint, about: string): number | undefined {
    let away: number | undefined;
    for (const armed of this.#armed) {
      if (armed.point !== point || !isAbout(about, armed.ref)) continue;
      armed.left -= 1;
      if (armed.left === 0) away ??= armed.awayMs;
    }
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return away;
  }

  /** @throws HF-TEST-CRASH-UNMET: a test that never crashed has shown nothing */
  assertMet(): void {
    const [first] = this.#armed;
    if (first === undefined) return;
    const { point, ref, left } = first;
    const where = `${point}${ref === undefined ? "" : ` of "${ref}"`}`;
    throw new HoldfastError(
      "HF-TEST-CRASH-UNMET",
      `The test asked for a crash at ${where} and it was not met; moments left until it: ${left}. Look at the refs that its runs use, or drive time on.`,
    );
  }
}

/** Whether a point's refs hold this one; commits write "+ref" where it is decided and "-ref" where it is done. */
function isAbout(about: string, ref: string | undefined): boolean {
  if (ref === undefined) return true;
  return about.split(",").some((name) => name === ref || name.replace(/^[+-]/u, "") === ref);
}
