// W3: how long one small run takes from start to result, when nothing else happens: one-step runs, one after
// the other. The middle sample and the slow one.

import { openEngine } from "@holdfast/engine";
import { Floor, appendRows, wholeRows } from "../floor.ts";
import { percentile } from "../statistics.ts";
import { steps } from "../step.ts";
import { type Part, type Place, type Workload, journalIn, timed } from "../workload.ts";

const samplesOf = (place: Place): number => place.size(500, 100);

/** Samples one after the other, each alone. */
async function sample(
  count: number,
  once: (n: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let n = 0; n < count; n += 1) samples.push(await timed(() => once(n)));
  return [percentile(samples, 0.5), percentile(samples, 0.99)];
}

const engine: Part = async (place) => {
  await using opened = await openEngine({
    path: journalIn(place),
    definitions: [steps],
    durability: "full",
  });
  return await sample(samplesOf(place), async (n) => {
    const run = await opened.client.start(steps, 1, { id: `run-${n}` });
    await run.result();
  });
};

const floor: Part = async (place) => {
  using bare = new Floor(journalIn(place));
  return await sample(samplesOf(place), (n) => appendRows(bare, n, wholeRows(1)));
};

/** One-step runs, start to result. */
export const latency: Workload = {
  figures: [
    {
      id: "W3.p50_ms",
      unit: "ms",
      better: "lower",
      target: { of: "value", aim: 1.1, stretch: 0.9 },
    },
    {
      id: "W3.p99_ms",
      unit: "ms",
      better: "lower",
      target: { of: "value", aim: 4, stretch: 2.5 },
    },
  ],
  engine,
  floor,
};
