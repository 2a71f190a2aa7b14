// What a process uses: read from the machine, each with its limit, and in words for people.

import { readFileSync } from "node:fs";
import { readdir, statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { type Clock, formatDuration } from "@holdfast/core";
import { LoopDelay, RESOLUTION_MS } from "./delay.ts";
import { type Stand, WINDOW_MS, waitBeyond } from "./lag.ts";
import type { Thresholds } from "./level.ts";
import { type Limits, MEMORY_SHARE, type ResourceName, type WatchLimits } from "./limits.ts";
import { formatBytes } from "./size.ts";

export interface Gauge {
  readonly name: ResourceName;
  /** For people: "memory". */
  readonly title: string;
  readonly thresholds: Thresholds;
  /** What it is now, in the unit of the thresholds; undefined where it cannot be told. */
  read(at: number): number | undefined | Promise<number | undefined>;
  /** "412.0 MiB of 512.0 MiB". */
  format(value: number): string;
}

export interface Gauges extends Disposable {
  readonly gauges: readonly Gauge[];
}

const LAG_SHARE = 0.01;

/** The gauges of this process for a state folder. */
export function openGauges(watch: WatchLimits, folder: string, clock: Clock): Gauges {
  const { limits, memoryLimit = memoryOfProcess() } = watch;
  const delay = limits.loopLag === undefined ? undefined : new LoopDelay(clock);
  const descriptors = descriptorsOfProcess();
  const descriptorsLimit = Math.min(watch.descriptorsLimit ?? Infinity, descriptors ?? Infinity);
  const made = [
    limits.memory &&
      shareGauge("memory", "memory", limits.memory, {
        limit: memoryLimit,
        read: () => process.memoryUsage.rss(),
        format: formatBytes,
      }),
    limits.heap && heapGauge(limits.heap),
    limits.loopLag && delay && lagGauge(limits.loopLag, () => delay.longest()),
    limits.disk && diskGauge(limits.disk, folder),
    limits.descriptors &&
      descriptors !== undefined &&
      shareGauge("descriptors", "file descriptors", limits.descriptors, {
        limit: descriptorsLimit,
        read: async () => openDescriptors(descriptorsLimit),
        format: String,
      }),
  ];
  return {
    gauges: made.filter((gauge) => gauge !== undefined && gauge !== false),
    [Symbol.dispose]: () => delay?.[Symbol.dispose](),
  };
}

function shareGauge(
  name: ResourceName,
  title: string,
  limits: Limits,
  of: {
    readonly limit: number;
    readonly read: () => number | Promise<number>;
    readonly format: (value: number) => string;
  },
): Gauge {
  const { limit, read, format } = of;
  const part = (share: number | undefined): number | undefined =>
    share === undefined ? undefined : share * limit;
  return {
    name,
    title,
    thresholds: {
      hold: part(limits.hold),
      shed: part(limits.shed),
      stop: part(limits.stop),
      falls: false,
    },
    read,
    format: (value) => `${format(Math.round(value))} of ${format(limit)}`,
  };
}

/** A heap that is full ends the process at once, however much memory the machine has. */
function heapGauge(limits: Limits): Gauge {
  const { heap_size_limit: limit } = getHeapStatistics();
  const read = (): number => getHeapStatistics().used_heap_size;
  return shareGauge("heap", "JavaScript heap", limits, { limit, read, format: formatBytes });
}

/** @param longest the longest time that the loop stood still since it was asked last, in milliseconds */
export function lagGauge(limits: Limits, longest: () => number): Gauge {
  let stands: readonly Stand[] = [];
  return {
    name: "loopLag",
    title: "event loop",
    thresholds: { ...limits, falls: false },
    read(at) {
      const ms = longest();
      const seen = stands.filter((stand) => at - stand.at < WINDOW_MS);
      stands = ms > RESOLUTION_MS ? [...seen, { at, ms }] : seen;
      return waitBeyond(stands, LAG_SHARE);
    },
    format: (ms) => `lets others wait ${formatDuration(Math.round(ms))}`,
  };
}

function diskGauge(limits: Limits, folder: string): Gauge {
  return {
    name: "disk",
    title: "disk",
    thresholds: { ...limits, falls: true },
    async read() {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    format: (bytes) => `${formatBytes(bytes)} free under ${folder}`,
  };
}

/** Bytes that this process may use: its cgroup's limit, or a share of the machine's memory. */
export function memoryOfProcess(
  constrained: number = process.constrainedMemory(),
  machine: number = totalmem(),
): number {
  return constrained > 0 && constrained < machine ? constrained : machine * MEMORY_SHARE;
}

const OPEN = "/proc/self/fd";

/** How many files this process may have open; undefined where the platform does not say it. */
function descriptorsOfProcess(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const soft = /^Max open files\s+(\d+)/mu.exec(limits)?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** Where none is left, even asking how many there are fails: that is an answer, too. */
async function openDescriptors(limit: number): Promise<number> {
  try {
    // Looking takes one itself.
    return (await readdir(OPEN)).length - 1;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EMFILE" || code === "ENFILE") return limit;
    throw error;
  }
}
