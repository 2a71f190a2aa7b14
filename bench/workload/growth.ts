// Whether a step costs more the longer its run is: the cost of the last tenth of the steps of one long run
// divided by the cost of its first tenth. A run that costs the same throughout gives 1; but a fresh file also
// costs the disk more at first, while it grows, so a bare loop may come out below 1 and hide some growth.

import { type Workflow, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";
import { payload } from "../payload.ts";
import { step } from "../step.ts";
import { type Part, type Workload, journalIn } from "../workload.ts";

/** What a run tells this file while it goes: not part of its history. */
const reached = new Map<number, number>();

/** The steps of `steps`, saying when each tenth was reached. */
const marked: Workflow<number, number> = workflow({
  name: "bench.marked-steps",
  input: z.number(),
  output: z.number(),
  run: async (ctx, count) => {
    for (let n = 0; n < count; n += 1) {
      if (n % (count / 10) === 0) reached.set(n, performance.now());
      await ctx.call(step, payload(n));
    }
    reached.set(count, performance.now());
    return count;
  },
});

function between(from: number, to: number): number {
  const [start, end] = [reached.get(from), reached.get(to)];
  if (start === undefined || end === undefined)
    throw new Error(`The run never came from step ${from} to step ${to}.`);
  return end - start;
}

const engine: Part = async (place) => {
  const count = place.size(10_000, 1_000);
  reached.clear();
  await using opened = await openEngine({
    path: journalIn(place),
    definitions: [marked],
    durability: "full",
  });
  const run = await opened.client.start(marked, count, { id: "long" });
  await run.result();
  return [between(count * 0.9, count) / between(0, count * 0.1)];
};

/** Steps 9,000 to 10,000 against steps 1 to 1,000 of one run. */
export const growth: Workload = {
  figures: [
    {
      id: "step.late_over_early",
      unit: "ratio",
      better: "lower",
      target: { of: "value", aim: 1.1 },
    },
  ],
  engine,
  // By definition, not measured: a step's own cost should not depend on how long its run is.
  floor: async () => [1],
};
