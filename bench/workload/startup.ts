// How long a command-line user waits: from the start of a process to its first durable run finished, with all
// that has to be loaded for it. The floor is a bare process that opens a file and commits one row.

import { join } from "node:path";
import { timeToWord } from "../child/process.ts";
import { median } from "../statistics.ts";
import type { Part, Place, Workload } from "../workload.ts";

const script = new URL("../child/first.ts", import.meta.url);

/** Processes of which one measurement is the median: a start is short and varies much. */
const startsOf = (place: Place): number => place.size(3, 1);

function starts(mode: "engine" | "floor"): Part {
  return async (place) => {
    const samples: number[] = [];
    for (let n = 0; n < startsOf(place); n += 1)
      samples.push(await timeToWord(script, [mode, join(place.folder, `${n}.sqlite`)], "done"));
    return [median(samples)];
  };
}

/** Start of a process to the result of its first run. */
export const startup: Workload = {
  figures: [
    {
      id: "startup.first_run_ms",
      unit: "ms",
      better: "lower",
      target: { of: "value", aim: 300 },
    },
  ],
  children: true,
  engine: starts("engine"),
  floor: starts("floor"),
};
