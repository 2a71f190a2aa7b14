// A process of its own that runs a plan, and kills itself with SIGKILL at a named race window when it is told
// to. It prints "done" when the plan has ended.

import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { dca } from "@holdfast/agents";
import { provide } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { createPurpleFlea, purpleFlea } from "@holdfast/purpleflea";

const { values } = parseArgs({
  options: {
    journal: { type: "string", default: "" },
    venue: { type: "string", default: "" },
    key: { type: "string", default: "" },
    /** Race window, and what it must be about: "commit.before:+dca/17". */
    kill: { type: "string", default: "" },
    periods: { type: "string", default: "52" },
  },
});
const [window = "", about = ""] = values.kill.split(/:(.*)/su);

const engine = await openEngine({
  path: values.journal,
  definitions: [dca],
  resources: [
    provide(purpleFlea, () => createPurpleFlea({ baseUrl: values.venue, apiKey: values.key })),
  ],
  point: (point, names) => {
    if (point === window && names.split(",").includes(about)) process.kill(process.pid, "SIGKILL");
  },
});
const plan = {
  symbol: "BTC-PERP",
  amountUsd: "1.00",
  every: "1ms",
  periods: Number(values.periods),
  spacingMs: 0,
} as const;
const run = await engine.client.start(dca, plan, { id: "dca", onClosed: "attach" });
const report = await run.result();
const problems = await engine.verify();
await engine.close();
writeSync(1, `${JSON.stringify({ bought: report.bought, problems })}\n`);
