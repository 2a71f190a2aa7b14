// W5: one run that calls 1,000 activities at once, which do nothing, and goes on when all have answered. The
// floor writes a row for each, all of them at once. A measurement is the median of some groups: one is short.

import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";
import { Floor, appendRows } from "../floor.ts";
import { median } from "../statistics.ts";
import { type Part, type Place, type Workload, atOnce, journalIn, timed } from "../workload.ts";

const widthOf = (place: Place): number => place.size(1_000, 100);
const groupsOf = (place: Place): number => place.size(7, 1);

const nothing: Activity<number, number> = activity({
  name: "bench.nothing",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (input) => input,
});

const group: Workflow<number, number> = workflow({
  name: "bench.group",
  input: z.number(),
  output: z.number(),
  run: async (ctx, width) => {
    const all = await Promise.all(Array.from({ length: width }, (_, n) => ctx.call(nothing, n)));
    return all.length;
  },
});

/** One group after the other. */
async function groups(
  place: Place,
  once: (n: number, width: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const samples: number[] = [];
  const width = widthOf(place);
  for (let n = 0; n < groupsOf(place); n += 1) samples.push(await timed(() => once(n, width)));
  return [median(samples)];
}

const engine: Part = async (place) => {
  await using opened = await openEngine({
    path: journalIn(place),
    definitions: [group],
    durability: "full",
  });
  return await groups(place, async (n, width) => {
    const run = await opened.client.start(group, width, { id: `group-${n}` });
    await run.result();
  });
};

const floor: Part = async (place) => {
  using bare = new Floor(journalIn(place));
  return await groups(place, async (n, width) => {
    await appendRows(bare, n, 1);
    await atOnce(width, width, () => appendRows(bare, n, 1));
    await appendRows(bare, n, 1);
  });
};

/** A group of 1,000 activities that do nothing, and a join. */
export const wide: Workload = {
  figures: [
    { id: "W5.ms", unit: "ms", better: "lower", target: { of: "value", aim: 30, stretch: 12 } },
  ],
  engine,
  floor,
};
