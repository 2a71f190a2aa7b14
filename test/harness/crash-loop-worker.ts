// A process of its own that opens a journal with four runs: three that work, and one whose activity ends the
// process. It prints how they stand, once it lives long enough.

import { writeSync } from "node:fs";
import { activity, workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";

export interface Report {
  readonly poison: readonly [status: string, code: string | undefined];
  readonly others: readonly number[];
  readonly problems: readonly string[];
}

const [, , path = "", how = ""] = process.argv;

const fatal = activity({
  name: "loop.fatal",
  input: z.void(),
  output: z.void(),
  effect: "external",
  run: async () => {
    // Not before the others are in flight, too.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (how === "exit") process.exit(13);
    process.kill(process.pid, "SIGKILL");
  },
});

const work = activity({
  name: "loop.work",
  input: z.number(),
  output: z.number(),
  effect: "external",
  run: async (n) => {
    for (let turn = 0; turn < 50; turn += 1) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return n;
  },
});

const poisoned = workflow({
  name: "loop.poisoned",
  input: z.void(),
  output: z.void(),
  run: (ctx) => ctx.call(fatal),
});

const working = workflow({
  name: "loop.working",
  input: z.number(),
  output: z.number(),
  run: (ctx, n) => ctx.call(work, n),
});

await using engine = await openEngine({ path, definitions: [poisoned, working] });
const options = { onClosed: "attach" } as const;
const [, ...others] = await Promise.all([
  engine.client.start(poisoned, undefined, { ...options, id: "poisoned" }),
  ...[1, 2, 3].map((n) => engine.client.start(working, n, { ...options, id: `working-${n}` })),
]);
const outputs = await Promise.all(others.map((run) => run.result()));
const { status, calls } = await engine.describe("poisoned");
const { letters } = await engine.dead();
const report: Report = {
  poison: [status, letters[0]?.code ?? calls[0]?.state],
  others: outputs,
  problems: await engine.verify(),
};
writeSync(1, JSON.stringify(report));
