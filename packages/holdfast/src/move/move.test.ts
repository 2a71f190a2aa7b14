// What is known of a run is there before it begins there: first who is halted and what was spent, then its intents.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type Receiver, type Workflow, activity, guard, usdc, workflow } from "@holdfast/core";
import { type EmbeddedEngine, openEngine } from "@holdfast/engine";
import { VirtualClock } from "@holdfast/testing/clock";
import { z } from "zod";
import { stateFolder } from "../host/state-folder.ts";
import { moveLeft } from "./move.ts";
import { openSource } from "./source.ts";

const pay = activity({
  name: "test.pay",
  input: z.void(),
  output: z.string(),
  effect: "money",
  timeouts: { total: "5m" },
  guard: () => ({ operation: "pay", kind: "open", amount: usdc("10.00") }),
  run: () => "paid",
});

const looping: Workflow<void, void> = workflow({
  name: "test.looping",
  input: z.void(),
  output: z.void(),
  run: (ctx) =>
    ctx.loop(0, async (passes) => {
      await ctx.call(pay, undefined, { ref: `${ctx.info.id}/${passes}` });
      await ctx.sleep("1d");
      return passes + 1;
    }),
});

/** Notes what it is asked for. */
class Noted implements Receiver {
  readonly name = "a test";
  readonly asked: string[] = [];

  async refusals(): Promise<readonly string[]> {
    return [];
  }

  async refusalsOf(): Promise<readonly string[]> {
    return [];
  }

  async adopt(intents: Parameters<Receiver["adopt"]>[0]): Promise<number> {
    this.asked.push(`intents ${intents.map(({ ref }) => ref).join()}`);
    return intents.length;
  }

  async adoptBook({ modes, effects }: Parameters<Receiver["adoptBook"]>[0]): Promise<number> {
    const on = modes.map(({ scope, actor }) => `${scope} by ${actor}`);
    this.asked.push(`halted ${on.join()}`, `spent ${effects.map(({ ref }) => ref).join()}`);
    return effects.length;
  }

  async begin({ id }: Parameters<Receiver["begin"]>[0]): Promise<string> {
    this.asked.push(`begin ${id}`);
    return "begun";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It has nothing.
  }
}

async function settled(engine: EmbeddedEngine): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await engine.idle();
    if (engine.inFlight > 0) quiet = -1;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

test("a run that has left begins there behind the halts, what it has spent and its intents", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-moving-"));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const { journal } = stateFolder(folder);
  mkdirSync(dirname(journal), { recursive: true });
  const clock = new VirtualClock();
  const policy = guard({ budgets: "none", freshness: "off" });
  const by = { actor: "ada", reason: "a test" };
  {
    const options = { path: journal, definitions: [looping], clock, guard: policy };
    await using engine = await openEngine(options);
    for (const id of ["l", "other"]) await engine.client.start(looping, undefined, { id });
    await engine.apply([{ kind: "drain", on: true, move: true, stay: { other: "a test" }, ...by }]);
    await settled(engine);
    clock.advanceTo(clock.now() + 86_400_000);
    await settled(engine);
    await engine.guard.halt({ scope: "project", ...by });
  }
  using source = await openSource(folder);
  const receiver = new Noted();
  const { leaving } = await source.report();
  assert.deepEqual(await moveLeft(source, receiver, leaving), [{ id: "l", runId: "begun" }]);
  assert.deepEqual(receiver.asked, [
    "halted project by ada",
    "spent l/0",
    "intents l/0",
    "begin l",
  ]);
});
