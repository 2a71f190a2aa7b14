// The code that docs/agents.md shows for long work is the code in examples/long-work, and does what the page says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type Activity, hasCode, provide, workflow } from "@holdfast/core";
import { type EmbeddedEngine, memoryJournal, openEngine } from "@holdfast/engine";
import { VirtualClock, drive } from "@holdfast/testing/clock";
import { z } from "zod";
import {
  type Feed,
  type Mail,
  approve,
  backfill,
  feed,
  mail,
  onAnswer,
  quote,
} from "../examples/long-work/activities.ts";
import { backtest } from "../examples/long-work/backtest.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

test("docs/agents.md shows the code in examples/long-work", () => {
  const [, section = ""] = read("../docs/agents.md").split("## Long work\n");
  const blocks = [...(section.split("\n## ")[0] ?? "").matchAll(/```ts\n(.*?)```/gsu)];
  const files = ["activities.ts", "backtest.ts"].map((name) =>
    read(`../examples/long-work/${name}`),
  );
  assert.equal(blocks.length, 5);
  for (const [, code = ""] of blocks) {
    assert.ok(
      files.some((file) => file.includes(code)),
      `examples/long-work must hold:\n${code}`,
    );
  }
});

/** A workflow that makes one call. */
function calling<Input, Output>(called: Activity<Input, Output>) {
  return workflow({
    name: `test.${called.name}`,
    input: z.unknown(),
    output: z.unknown(),
    run: (ctx, input) => ctx.call(called as Activity, input),
  });
}

/** Opens an engine on a journal in memory, with these clients. */
function open(
  path: string,
  raw: { feed?: Feed; mail?: Mail },
  clock = new VirtualClock(),
): Promise<EmbeddedEngine> {
  return openEngine({
    path,
    clock,
    definitions: [backfill, approve, backtest, quote].map((called) => calling(called as Activity)),
    resources: [provide(feed, () => raw.feed as Feed), provide(mail, () => raw.mail as Mail)],
  });
}

test("the example's backfill goes on after a failure where it stopped", async () => {
  using journal = memoryJournal();
  const pages: number[] = [];
  const page = async (number: number): Promise<void> => {
    pages.push(number);
    if (pages.length === 3) throw new Error("the connection broke");
  };
  const clock = new VirtualClock();
  await using engine = await open(journal.path, { feed: { page } }, clock);
  const run = await engine.client.start(calling(backfill), { pages: 4 }, { id: "run" });
  assert.equal(await drive(run.result(), { clock, engines: () => [engine] }), 4);
  assert.deepEqual(pages, [0, 1, 2, 2, 3]);
});

for (const [yes, what] of [
  [true, "completes"],
  [false, "fails"],
] as const) {
  test(`the example's webhook ${what} the call that waits for it, across a restart, once`, async () => {
    using journal = memoryJournal();
    const sent = Promise.withResolvers<string>();
    const send = async (text: string): Promise<void> => {
      sent.resolve(text);
    };
    let token: string;
    {
      await using engine = await open(journal.path, { mail: { send } });
      await engine.client.start(calling(approve), { order: "order-7" }, { id: "run" });
      token = new URL((await sent.promise).split("? ")[1] ?? "").searchParams.get("token") ?? "";
      while ((await engine.describe("run")).calls[0]?.state !== "elsewhere") await engine.idle();
    }
    await using engine = await open(journal.path, {
      mail: { send: () => assert.fail("one mail is enough") },
    });
    await onAnswer(engine.client, { id: "hook-1", token, yes });
    await onAnswer(engine.client, { id: "hook-1", token, yes });
    const result = engine.client.run(calling(approve), "run").result();
    if (yes) assert.deepEqual(await result, { by: "treasurer" });
    else await assert.rejects(result, (error) => hasCode(error, "EXAMPLE-DECLINED"));
    await assert.rejects(onAnswer(engine.client, { id: "hook-2", token, yes }), (error) =>
      hasCode(error, "HF-TOKEN-UNKNOWN"),
    );
  });
}

test("the example's backtest runs in a thread", async () => {
  using journal = memoryJournal();
  await using engine = await open(journal.path, {});
  const input = { prices: [3, 3, 1, 5, 1], window: 2 };
  const run = await engine.client.start(calling(backtest), input, { id: "run" });
  assert.deepEqual(await run.result(), { trades: 2 });
});

test("the example's quote comes back no earlier than it is told", async () => {
  using journal = memoryJournal();
  const clock = new VirtualClock();
  const asked: number[] = [];
  const server = createServer((_request, response) => {
    asked.push(clock.now());
    if (asked.length === 1) response.writeHead(429, { "retry-after": "90" }).end();
    else response.end("60000");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await using engine = await open(journal.path, {}, clock);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const run = await engine.client.start(calling(quote), { url }, { id: "run" });
    assert.equal(await drive(run.result(), { clock, engines: () => [engine] }), "60000");
    const [first = 0, second = 0] = asked;
    assert.ok(second - first >= 90_000, `came back after ${second - first} ms`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
