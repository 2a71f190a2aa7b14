// The limits of a process, as a configuration writes them, and what holds where it says nothing. What cannot be meant
// is refused when the configuration is loaded.

import { type Duration, durationMs, toFailure } from "@holdfast/core";
import { type Size, bytesOf } from "./size.ts";

/** When starts are held, when calls wait by priority, and when the process ends; `false` leaves a level out. */
export interface Steps<Value> {
  readonly hold?: Value | false | undefined;
  readonly shed?: Value | false | undefined;
  readonly stop?: Value | false | undefined;
}

/** What a process may use before it takes less work, and then ends to be begun anew: see docs/guides/state.md. */
export interface Watch {
  /**
   * Resident memory, in shares of a limit. Default 0.8, 0.9 and 0.97 of the limit of its cgroup or, where that has
   * none, of MEMORY_SHARE of the machine's.
   */
  readonly memory?: (Steps<number> & { readonly limit?: Size | undefined }) | false | undefined;
  /** V8's heap, in shares of its own limit (`--max-old-space-size`). Default 0.85, 0.92 and 0.97. */
  readonly heap?: Steps<number> | false | undefined;
  /** How long the event loop lets others wait, p99 over ten seconds. Default "2s", "5s" and "15s"; its start is not counted. */
  readonly loopLag?: Steps<Duration> | false | undefined;
  /**
   * What is free on the disk of the state folder. Default "256MiB" and "128MiB", and no `stop`: a new start does not
   * free a disk, and the engine goes on by itself when there is space again.
   */
  readonly disk?: Steps<Size> | false | undefined;
  /**
   * Open file descriptors, in shares of the process's own limit, or of a lower one. Default 0.8, 0.9 and 0.97. Known
   * on Linux only; elsewhere nothing is said of them.
   */
  readonly descriptors?:
    | (Steps<number> & { readonly limit?: number | undefined })
    | false
    | undefined;
  /**
   * After how long a loop that does not come back at all is ended, by a kill. Default "2m", from "1s" to "1h"; a
   * debugger that is attached pauses it.
   */
  readonly frozen?: Duration | false | undefined;
  /** How often is looked. Default "1s"; from "50ms" to "1m". */
  readonly every?: Duration | undefined;
  /** How long something stays over `stop` before the process drains and ends with 75. Default "30s", to "1h". */
  readonly patience?: Duration | undefined;
}

/** What one process may use of a machine that limits it by nothing else, as a share of its memory. */
export const MEMORY_SHARE = 0.75;
/** Less memory than this is no limit that anything could run under. */
const MEMORY_MIN = 64 * 1_024 * 1_024;
const DESCRIPTORS_MIN = 32;
const LAG_MIN_MS = 50;
const LAG_MAX_MS = 600_000;

/** One resource's limits, checked: each in its own unit, undefined where the level is left out. */
export interface Limits {
  readonly hold: number | undefined;
  readonly shed: number | undefined;
  readonly stop: number | undefined;
}

export type ResourceName = "memory" | "heap" | "loopLag" | "disk" | "descriptors";

export interface WatchLimits {
  readonly limits: Readonly<Partial<Record<ResourceName, Limits>>>;
  /** Bytes; undefined where the machine says it. */
  readonly memoryLimit: number | undefined;
  readonly descriptorsLimit: number | undefined;
  /** Undefined where nobody ends a loop that does not come back. */
  readonly frozenMs: number | undefined;
  readonly everyMs: number;
  readonly patienceMs: number;
}

type Reading = (value: unknown) => number | undefined;

interface Kind {
  readonly defaults: Steps<Duration | Size>;
  readonly read: Reading;
  readonly expected: string;
  readonly falls?: boolean;
}

const share: Reading = (value) =>
  typeof value === "number" && value > 0 && value <= 1 ? value : undefined;
const span =
  (min: number, max: number): Reading =>
  (value) => {
    if (typeof value !== "string" && typeof value !== "number") return undefined;
    try {
      const ms = durationMs(value as Duration);
      return ms >= min && ms <= max ? ms : undefined;
    } catch {
      return undefined;
    }
  };

const SHARE = "a share of the limit, above 0 and up to 1";

const KINDS: Readonly<Record<ResourceName, Kind>> = {
  memory: { defaults: { hold: 0.8, shed: 0.9, stop: 0.97 }, read: share, expected: SHARE },
  heap: { defaults: { hold: 0.85, shed: 0.92, stop: 0.97 }, read: share, expected: SHARE },
  loopLag: {
    defaults: { hold: "2s", shed: "5s", stop: "15s" },
    read: span(LAG_MIN_MS, LAG_MAX_MS),
    expected: 'a duration from "50ms" to "10m"',
  },
  disk: {
    defaults: { hold: "256MiB", shed: "128MiB", stop: false },
    read: bytesOf,
    expected: 'a size such as "256MiB"',
    falls: true,
  },
  descriptors: { defaults: { hold: 0.8, shed: 0.9, stop: 0.97 }, read: share, expected: SHARE },
};

export const RESOURCES: readonly ResourceName[] = [
  "memory",
  "heap",
  "loopLag",
  "disk",
  "descriptors",
];

/** What a configuration's `watch` comes to, with the problems that make it unusable. */
export function readWatch(watch: Watch = {}): {
  readonly found: WatchLimits;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const limits: Partial<Record<ResourceName, Limits>> = {};
  const one = <Value>(path: string, given: Value | undefined, read: Reading, expected: string) => {
    if (given === undefined) return undefined;
    const value = read(given);
    if (value === undefined) problems.push(`watch.${path}: expected ${expected}`);
    return value;
  };
  for (const name of RESOURCES) {
    const given = watch[name];
    if (given === false) continue;
    const kind = KINDS[name];
    const step = (which: keyof Steps<unknown>): number | undefined => {
      const value = given?.[which] ?? kind.defaults[which];
      return value === false
        ? undefined
        : one(`${name}.${which}`, value, kind.read, `${kind.expected}, or false`);
    };
    const found: Limits = { hold: step("hold"), shed: step("shed"), stop: step("stop") };
    problems.push(...outOfOrder(name, found, kind.falls === true));
    limits[name] = found;
  }
  const memory = watch.memory === false ? undefined : watch.memory?.limit;
  const descriptors = watch.descriptors === false ? undefined : watch.descriptors?.limit;
  const atLeast =
    (min: number): Reading =>
    (value) => {
      const read = bytesOf(value);
      return read !== undefined && read >= min ? read : undefined;
    };
  const found: WatchLimits = {
    limits,
    memoryLimit: one(
      "memory.limit",
      memory,
      atLeast(MEMORY_MIN),
      'a size from "64MiB" on; nothing runs with less',
    ),
    descriptorsLimit: one(
      "descriptors.limit",
      descriptors,
      atLeast(DESCRIPTORS_MIN),
      `a number from ${DESCRIPTORS_MIN} on`,
    ),
    frozenMs:
      watch.frozen === false
        ? undefined
        : (one(
            "frozen",
            watch.frozen,
            span(1_000, 3_600_000),
            'a duration from "1s" to "1h", or false',
          ) ?? 120_000),
    everyMs: one("every", watch.every, span(50, 60_000), 'a duration from "50ms" to "1m"') ?? 1_000,
    patienceMs:
      one("patience", watch.patience, span(0, 3_600_000), 'a duration up to "1h"') ?? 30_000,
  };
  return { found, problems };
}

/** Each level is worse than the one before, or nobody could say which of them holds. */
function outOfOrder(name: ResourceName, limits: Limits, falls: boolean): readonly string[] {
  const steps = (["hold", "shed", "stop"] as const).flatMap((step) => {
    const value = limits[step];
    return value === undefined ? [] : [{ step, value }];
  });
  return steps.slice(1).flatMap(({ step, value }, index) => {
    const before = steps[index];
    if (before === undefined) return [];
    if (falls ? value < before.value : value > before.value) return [];
    return [
      `watch.${name}.${step}: must be ${falls ? "below" : "above"} ${before.step}, which it contradicts (defaults count)`,
    ];
  });
}

/** Nothing that was thrown on the way is lost. */
export function problemsOfWatch(watch: unknown): readonly string[] {
  try {
    return readWatch(watch as Watch).problems;
  } catch (error) {
    return [`watch: ${toFailure(error).message}`];
  }
}
