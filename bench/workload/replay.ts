// How fast runs come back from their journals: runs at rest, each with a thousand entries, are asked a question
// by an engine that has just opened the file, which is made once. The floor reads as many rows of a bare journal and
// parses them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Workflow, signal, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";
import { Floor, appendRows } from "../floor.ts";
import { payload } from "../payload.ts";
import { step } from "../step.ts";
import { type Part, type Place, type Workload, atOnce, journalIn, timed } from "../workload.ts";

const runsOf = (place: Place): number => place.size(100, 10);
const stepsOf = (place: Place): number => place.size(500, 50);
const WIDTH = 50;
const MS_PER_S = 1_000;

/** Takes its steps, and rests until it is told to end. */
const resting: Workflow<number, number> = workflow({
  name: "bench.resting",
  input: z.number(),
  output: z.number(),
  signals: { end: signal() },
  queries: { taken: z.number() },
  run: async (ctx, count) => {
    let taken = 0;
    let over = false;
    ctx.onQuery("taken", () => taken);
    ctx.onSignal("end", () => {
      over = true;
    });
    for (; taken < count; taken += 1) await ctx.call(step, payload(taken));
    await ctx.until(() => over);
    return taken;
  },
});

const id = (n: number): string => `run-${n}`;

/** The file of the runs at rest. */
async function make(place: Place): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-replay-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "journal.sqlite");
  await using engine = await openEngine({ path, definitions: [resting], durability: "relaxed" });
  await atOnce(runsOf(place), WIDTH, async (n) => {
    await engine.client.start(resting, stepsOf(place), { id: id(n) });
  });
  while (engine.busy || engine.inFlight > 0) await engine.idle();
  return path;
}

let made: Promise<string> | undefined;

const engine: Part = async (place) => {
  const path = await (made ??= make(place));
  await using opened = await openEngine({ path, definitions: [resting] });
  await opened.idle();
  const ms = await timed(async () => {
    for (let n = 0; n < runsOf(place); n += 1) {
      const taken = await opened.client.run(resting, id(n)).query("taken");
      if (taken !== stepsOf(place)) throw new Error(`Run ${n} has taken ${String(taken)} steps.`);
    }
  });
  const { runs } = await opened.list({ limit: runsOf(place) });
  const entries = runs.reduce((sum, { historyLength }) => sum + historyLength, 0);
  return [(entries * MS_PER_S) / ms];
};

const floor: Part = async (place) => {
  const rows = 2 * stepsOf(place);
  {
    using bare = new Floor(journalIn(place));
    await atOnce(runsOf(place), runsOf(place), (n) => appendRows(bare, n, rows));
  }
  using bare = new Floor(journalIn(place));
  bare.read(0);
  let entries = 0;
  const ms = await timed(async () => {
    for (let n = 0; n < runsOf(place); n += 1) entries += bare.read(n).length;
  });
  return [(entries * MS_PER_S) / ms];
};

/** Entries a second, of runs that are loaded from their journals. */
export const replay: Workload = {
  figures: [
    {
      id: "replay.entries_per_s",
      unit: "entries/s",
      better: "higher",
      target: { of: "value", aim: 300_000, stretch: 1_000_000 },
    },
  ],
  engine,
  floor,
};
