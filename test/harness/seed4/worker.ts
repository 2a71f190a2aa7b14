// The small agent in a process of its own, on the machine's clock: what is to be killed, and what comes after it. It
// prints each warning as a line, and its outcome as the last.

import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { provide, silentLog } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { createPurpleFlea, purpleFlea } from "@holdfast/purpleflea";
import { leak, trader } from "./trader.ts";

const { values } = parseArgs({
  options: {
    journal: { type: "string", default: "" },
    venue: { type: "string", default: "" },
    key: { type: "string", default: "" },
    ticks: { type: "string", default: "10" },
    /** Numbers that are kept for each order, and never let go. */
    leak: { type: "string", default: "0" },
  },
});

const tell = (line: unknown): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};

leak.perOrder = Number(values.leak);
const engine = await openEngine({
  path: values.journal,
  // The name of this agent's keys: it outlives the journal.
  namespace: "seed4",
  definitions: [trader],
  log: {
    ...silentLog,
    warn: (_message, fields) => {
      tell({ warned: fields?.["code"] });
    },
  },
  resources: [
    provide(purpleFlea, () => createPurpleFlea({ baseUrl: values.venue, apiKey: values.key })),
  ],
});
const plan = { ticks: Number(values.ticks), everyMs: 1 };
const run = await engine.client.start(trader, plan, { id: "trader", onClosed: "attach" });
const { bought, skipped } = await run.result();
const problems = await engine.verify();
await engine.close();
tell({ bought, skipped, problems });
