// A process of its own that starts runs one after the other, and says "ACK n" with a plain write each time a
// start is acknowledged. For watching what was synchronised before.

import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";

const { values } = parseArgs({
  options: {
    journal: { type: "string", default: "" },
    durability: { type: "string", default: "full" },
    count: { type: "string", default: "20" },
  },
});

/** Waits for a signal that never comes. */
const waiting = workflow({
  name: "ack.waiting",
  input: z.number(),
  output: z.number(),
  signals: { note: z.number() },
  run: async (ctx, n) => {
    let sum = 0;
    ctx.onSignal("note", (value) => {
      sum += value;
    });
    await ctx.until(() => sum < 0);
    return n;
  },
});

const engine = await openEngine({
  path: values.journal,
  definitions: [waiting],
  durability: values.durability === "full" ? "full" : "relaxed",
});
for (let n = 0; n < Number(values.count); n += 1) {
  const run = await engine.client.start(waiting, n, { id: `ack-${n}` });
  writeSync(1, `ACK start ${n}\n`);
  await run.signal("note", n);
  writeSync(1, `ACK signal ${n}\n`);
}
process.kill(process.pid, "SIGKILL");
