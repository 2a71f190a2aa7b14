// W4 and the lateness of timers: many runs asleep, in a process of their own, because their memory is one of the
// figures. Real time. Awake is a run when it is on disk that its timer fired and whoever waits for it is told.

import { Child } from "../child/process.ts";
import { type Part, type Place, type Workload, journalIn } from "../workload.ts";

const child = {
  engine: new URL("../child/asleep.ts", import.meta.url),
  floor: new URL("../child/asleep-floor.ts", import.meta.url),
};

const SLEEP_MS = 5_000;
const SLEEP_QUICK_MS = 1_500;
const SPREAD_MS = 1_000;
const SPREAD_QUICK_MS = 400;

async function told(
  which: keyof typeof child,
  place: Place,
  how: "each" | "spread",
  ms: number,
): Promise<readonly number[]> {
  const args = [journalIn(place), place.size(10_000, 500), how, ms].map(String);
  await using sleepers = new Child(child[which], args);
  return JSON.parse(await sleepers.line()) as number[];
}

const sleep =
  (which: keyof typeof child): Part =>
  (place) =>
    told(which, place, "each", place.size(SLEEP_MS, SLEEP_QUICK_MS));

const spread =
  (which: keyof typeof child): Part =>
  async (place) => {
    const [, late = Number.NaN] = await told(
      which,
      place,
      "spread",
      place.size(SPREAD_MS, SPREAD_QUICK_MS),
    );
    return [late];
  };

/** 10,000 runs asleep 5 s. */
export const sleeping: Workload = {
  figures: [
    {
      id: "W4.start_s",
      unit: "s",
      better: "lower",
      target: { of: "value", aim: 0.5, stretch: 0.25 },
    },
    {
      id: "W4.late_p99_ms",
      unit: "ms",
      better: "lower",
      target: { of: "value", aim: 25, stretch: 15 },
    },
    {
      id: "W4.mib",
      unit: "MiB",
      better: "lower",
      target: { of: "value", aim: 120, stretch: 100 },
    },
  ],
  children: true,
  engine: sleep("engine"),
  floor: sleep("floor"),
};

/** 10,000 timers due in one second, one after the other. */
export const due: Workload = {
  figures: [
    {
      id: "due.late_p99_ms",
      unit: "ms",
      better: "lower",
      target: { of: "value", aim: 50, stretch: 20 },
    },
  ],
  children: true,
  engine: spread("engine"),
  floor: spread("floor"),
};
