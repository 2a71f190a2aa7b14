// W1 and W2: how many durable steps a second. W1 is one run of sequential steps, so each waits for its own
// commit; W2 is many short runs at once, which share commits and so show what the engine's own work costs.

import { openEngine } from "@holdfast/engine";
import { Floor, appendRows, wholeRows } from "../floor.ts";
import { steps } from "../step.ts";
import { type Place, type Target, type Workload, atOnce, journalIn, timed } from "../workload.ts";

interface Shape {
  readonly runs: number;
  readonly steps: number;
  readonly width: number;
}

async function engineRate(place: Place, shape: Shape): Promise<readonly number[]> {
  await using engine = await openEngine({
    path: journalIn(place),
    definitions: [steps],
    durability: "full",
  });
  const ms = await timed(() =>
    atOnce(shape.runs, shape.width, async (n) => {
      const run = await engine.client.start(steps, shape.steps, { id: `run-${n}` });
      await run.result();
    }),
  );
  return [perSecond(shape, ms)];
}

async function floorRate(place: Place, shape: Shape): Promise<readonly number[]> {
  using floor = new Floor(journalIn(place));
  const ms = await timed(() =>
    atOnce(shape.runs, shape.width, (n) => appendRows(floor, n, wholeRows(shape.steps))),
  );
  return [perSecond(shape, ms)];
}

const perSecond = ({ runs, steps: each }: Shape, ms: number): number => (runs * each * 1_000) / ms;

function throughput(id: string, target: Target, shapeOf: (size: Place["size"]) => Shape): Workload {
  return {
    figures: [{ id, unit: "steps/s", better: "higher", target }],
    engine: (place) => engineRate(place, shapeOf(place.size)),
    floor: (place) => floorRate(place, shapeOf(place.size)),
  };
}

/** One run of 1,000 sequential steps. */
export const sequential: Workload = throughput(
  "W1.steps_per_s",
  { of: "floor", aim: 0.8, stretch: 0.9 },
  (size) => ({
    runs: 1,
    steps: size(1_000, 200),
    width: 1,
  }),
);

/** 2,000 runs of 5 steps, 100 at once. */
export const concurrent: Workload = throughput(
  "W2.steps_per_s",
  { of: "floor", aim: 0.33, stretch: 0.4 },
  (size) => ({
    runs: size(2_000, 300),
    steps: 5,
    width: 100,
  }),
);
