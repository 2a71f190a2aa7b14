// The floor among the peers: rows in a bare journal with group commit and no features, no schemas and no
// functions to run again. It is the limit of what SQLite and the disk allow, not a system anybody could use.

import { setTimeout as after } from "node:timers/promises";
import { Floor, appendRows, wholeRows } from "../../floor.ts";
import { join } from "node:path";
import { EFFECT_STEPS, type Opened, type Peer, type Place } from "../peer.ts";

async function open(place: Place): Promise<Opened> {
  const floor = new Floor(join(place.folder, "journal.sqlite"));
  let runs = 0;
  const number = (): number => (runs += 1);
  /** The steps from the given one, then the end. */
  const finish = async (run: number, from: number): Promise<void> => {
    for (let step = from; step < EFFECT_STEPS; step += 1) {
      await place.effect(run, step);
      await appendRows(floor, run, 1);
    }
    await appendRows(floor, run, 1);
  };
  if (place.resumed) {
    // A run has one row of its start before those of its steps.
    for (const { run, rows } of floor.unfinished(wholeRows(EFFECT_STEPS)))
      void finish(run, rows - 1);
  }
  return {
    steps: (_id, count) => appendRows(floor, number(), wholeRows(count)),
    group: async (_id, count) => {
      const run = number();
      await appendRows(floor, run, 1);
      await Promise.all(Array.from({ length: count }, () => appendRows(floor, run, 1)));
      await appendRows(floor, run, 1);
    },
    sleeper: async (run, ms) => {
      // The wish to sleep shares the commit of the start.
      const rows = Promise.all([appendRows(floor, run, 1), appendRows(floor, run, 1)]);
      place.asleep(run);
      void after(ms).then(async () => {
        await appendRows(floor, run, 1);
        place.woke(run);
        await appendRows(floor, run, 2);
      });
      await rows;
    },
    effects: async (run) => {
      await appendRows(floor, run, 1);
      void finish(run, 0);
    },
    unfinished: async () => floor.unfinished(wholeRows(EFFECT_STEPS)).length,
  };
}

export const peer: Peer = {
  about: {
    version: `node:sqlite of Node ${process.version}`,
    durability:
      "SQLite WAL, synchronous=FULL: fsync before the next step; one commit for all that is ready in a turn of the event loop",
    settings: [],
    notes: ["not a peer: no features; it is what the approach could reach at most"],
  },
  open,
};
