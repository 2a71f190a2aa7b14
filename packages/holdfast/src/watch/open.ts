// The watch of a host: its gauges, and what it tells whom.

import type { Clock, HoldfastError, Log } from "@holdfast/core";
import type { Config } from "../config/config.ts";
import { openGauges } from "./gauge.ts";
import { readWatch } from "./limits.ts";
import { ResourceWatch } from "./watch.ts";
import { openWatchdog } from "./watchdog.ts";

export interface OpenWatchOptions {
  readonly config: Pick<Config, "watch">;
  /** The state folder, whose disk is watched. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
  readonly onStop: (error: HoldfastError) => void;
}

export interface OpenWatch extends Disposable {
  readonly watch: ResourceWatch;
}

/** Watches from `watch.start()` on; undefined where the configuration says `watch: false`. */
export function openWatch(options: OpenWatchOptions): OpenWatch | undefined {
  const { config, folder, ...told } = options;
  if (config.watch === false) return undefined;
  const { found } = readWatch(config.watch);
  const gauges = openGauges(found, folder, options.clock);
  const { everyMs, patienceMs, frozenMs } = found;
  const dog = frozenMs === undefined ? undefined : openWatchdog(options.clock, frozenMs);
  const watch = new ResourceWatch({ ...told, ...gauges, everyMs, patienceMs });
  return {
    watch,
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      dog?.[Symbol.dispose]();
      gauges[Symbol.dispose]();
    },
  };
}
