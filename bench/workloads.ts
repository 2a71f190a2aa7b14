// All workloads, in the order they run, and how names on the command line choose among their figures.

import type { Workload } from "./workload.ts";
import { due, sleeping } from "./workload/asleep.ts";
import { breaker } from "./workload/breaker.ts";
import { growth } from "./workload/growth.ts";
import { guardedIntent, killSwitch } from "./workload/guard.ts";
import { latency } from "./workload/latency.ts";
import { million } from "./workload/million.ts";
import { recovery } from "./workload/recovery.ts";
import { replay } from "./workload/replay.ts";
import { packedStartup } from "./workload/packed.ts";
import { size } from "./workload/size.ts";
import { startup } from "./workload/startup.ts";
import { venueRestart } from "./workload/restart.ts";
import { streamToHundred, streamToOne, streamToTen, ticks } from "./workload/stream.ts";
import { concurrent, sequential } from "./workload/throughput.ts";
import { venueOrders } from "./workload/venue.ts";
import { weeksInMemory, weeksOverHttp } from "./workload/weeks.ts";
import { wide } from "./workload/wide.ts";

const workloads: readonly Workload[] = [
  sequential,
  concurrent,
  latency,
  sleeping,
  wide,
  recovery,
  size,
  startup,
  packedStartup,
  growth,
  replay,
  breaker,
  due,
  million,
  weeksOverHttp,
  weeksInMemory,
  guardedIntent,
  killSwitch,
  venueOrders,
  venueRestart,
  streamToOne,
  streamToTen,
  streamToHundred,
  ticks,
];

/** Every figure's id. */
export const figureIds: readonly string[] = workloads.flatMap(({ figures }) =>
  figures.map(({ id }) => id),
);

/** A workload, and which of its figures were asked for. */
export interface Chosen {
  readonly workload: Workload;
  readonly ids: ReadonlySet<string>;
}

/** The prefixes that no figure's id begins with. */
export function unknownNames(prefixes: readonly string[]): readonly string[] {
  return prefixes.filter((prefix) => !figureIds.some((id) => id.startsWith(prefix)));
}

/**
 * The workloads with a figure whose id begins with one of the prefixes; where there are none, all that do not
 * take minutes.
 */
export function choose(prefixes: readonly string[]): readonly Chosen[] {
  const wanted = (id: string): boolean => prefixes.some((prefix) => id.startsWith(prefix));
  const all = prefixes.length === 0;
  return workloads
    .map((workload) => ({
      workload,
      ids: new Set(
        workload.figures
          .map(({ id }) => id)
          .filter((id) => (all ? workload.byName !== true : wanted(id))),
      ),
    }))
    .filter(({ ids }) => ids.size > 0);
}
