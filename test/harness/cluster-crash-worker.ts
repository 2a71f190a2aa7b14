// A process of its own that serves a cluster until one of its activities ends it. It prints "serving", then, once
// the poisoned run waits for a person, how its dead letter reads, what is resolved then, and how the others ended.

import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { silentLog } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { temporal } from "@holdfast/temporal";
import { fatal, poisoned, work, working } from "./crash-flows.ts";

const AGAIN_MS = 100;
const [, , address = "", own = ""] = process.argv;

const engine = await temporal({
  address,
  namespace: "holdfast",
  taskQueue: own,
  prefix: `${own}/`,
  keys: own,
  setup: true,
  drainMs: 1_000,
}).open({
  modules: [fileURLToPath(new URL("crash-flows.ts", import.meta.url))],
  workflows: [poisoned, working],
  activities: [fatal, work],
  resources: [],
  clock: systemClock,
  log: silentLog,
});
writeSync(1, "serving\n");
const attach = { onClosed: "attach" } as const;
const run = await engine.client.start(poisoned, undefined, { ...attach, id: "poisoned" });
const others = await Promise.all(
  [1, 2, 3].map((n) => engine.client.start(working, n, { ...attach, id: `working-${n}` })),
);
const outputs = await Promise.all(others.map((other) => other.result()));
// The server says when a run stands for a person to whoever asks.
while ((await run.describe()).status !== "quarantined") await pause(AGAIN_MS);
const [call] = (await run.describe()).calls;
writeSync(1, `${call?.lastFailure?.code}: ${call?.lastFailure?.message}\n`);
await engine.apply([
  {
    kind: "resolve",
    id: "poisoned",
    key: call?.key ?? "",
    resolution: { kind: "not-done" },
    actor: "ann",
    reason: "it takes the process down",
    requestId: "resolve",
  },
]);
const ended = await run.result().catch((error: unknown) => (error as { code?: string }).code);
writeSync(1, `ended ${String(ended)}, others ${outputs.join(" ")}\n`);
await engine.close();
