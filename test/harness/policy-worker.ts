// A process of its own whose engine reads prices at a venue, over a breaker that opens soon. It tells each change of the
// breaker in a line, and what came of the read in the last one.

import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { provide, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { createPurpleFlea, getPrices, purpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";

const { values } = parseArgs({
  options: {
    journal: { type: "string", default: "" },
    venue: { type: "string", default: "" },
    key: { type: "string", default: "" },
    cooling: { type: "string", default: "3000" },
  },
});

const reading = workflow({
  name: "policy.reading",
  input: z.void(),
  output: z.number(),
  run: async (ctx) => (await ctx.call(getPrices, undefined)).length,
});

const say = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

const engine = await openEngine({
  path: values.journal,
  definitions: [reading],
  resources: [
    provide(purpleFlea, () => createPurpleFlea({ baseUrl: values.venue, apiKey: values.key })),
  ],
  policies: { purpleflea: { breaker: { failures: 2, cooling: Number(values.cooling) } } },
  onBreaker: (change) => say(change),
});
const run = await engine.client.start(reading, undefined, { id: "reading", onClosed: "attach" });
say({ prices: await run.result() });
await engine.close();
