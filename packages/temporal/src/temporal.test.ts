// A project on a real Temporal server, in the SDK's own sandbox and on the machine's clock.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  HoldfastError,
  type HostedEngine,
  type IntentStore,
  type Load,
  encode,
  guard,
  hasCode,
  idempotencyKey,
  silentLog,
  usdc,
} from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { openSqliteIntents } from "@holdfast/storage";
import { left, ordering } from "./fixture/outside.ts";
import { visit } from "./fixture/shop.ts";
import { temporal } from "./temporal.ts";
import type { TemporalOptions } from "./options.ts";

const address = process.env["HOLDFAST_TEMPORAL"];
const skip =
  address === undefined
    ? "HOLDFAST_TEMPORAL is not set: npm run services -- temporal -- npm test -- packages/temporal"
    : false;

const request = {
  modules: [fileURLToPath(new URL("fixture/shop.ts", import.meta.url))],
  workflows: [visit],
  activities: [],
  resources: [],
  clock: systemClock,
  log: silentLog,
} as never;

function optionsOf(context: TestContext): TemporalOptions & { readonly intents: IntentStore } {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-temporal-"));
  const intents = openSqliteIntents(join(folder, "intents.sqlite"));
  context.after(async () => {
    await intents[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const own = randomUUID().slice(0, 8);
  return {
    address: address ?? "",
    namespace: "holdfast",
    taskQueue: own,
    prefix: `${own}/`,
    keys: "shop",
    intents,
    setup: true,
    drainMs: 1e3,
  };
}

test(
  "temporal() runs a project as it stands, with the keys of the embedded engine",
  { skip },
  async (context) => {
    const options = optionsOf(context);
    const engine: HostedEngine = await temporal(options).open(request);
    context.after(() => engine.close());
    const runs = await Promise.all(
      ["one", "two"].map((id) => engine.client.start(visit, undefined, { id })),
    );
    const results = await Promise.all(runs.map((run) => run.result({ timeout: "1m" })));
    for (const [index, { visits, attempts, keys }] of results.entries()) {
      const root = ["one", "two"][index] ?? "";
      assert.equal(visits, 1, "what a module keeps is a run's own");
      assert.equal(attempts, 3);
      const common = { namespace: "shop", root, activity: "shop.pay" } as const;
      assert.deepEqual(keys, [
        idempotencyKey({ ...common, kind: "ordinal", generation: 0, ordinal: 0 }),
        idempotencyKey({ ...common, kind: "user", userKey: "period-2" }),
      ]);
      const intent = await options.intents.find(keys[0] ?? "");
      assert.deepEqual([intent?.state, intent?.sends, intent?.run], ["done", 1, root]);
    }
    const { status, historyLength } = await engine.describe("one");
    assert.deepEqual([status, historyLength], ["completed", (await engine.history("one")).length]);
  },
);

test(
  "temporal() begins no run while its process is short of something",
  { skip },
  async (context) => {
    let isHeld = false;
    const load: Load = {
      held: (id) =>
        isHeld
          ? new HoldfastError("HF-OVERLOADED", `Not now: "${id}".`, {
              outcome: "not-sent",
              retryAfterMs: 5_000,
            })
          : undefined,
      sheds: () => false,
      onEased: () => ({ [Symbol.dispose]: () => undefined }),
    };
    const engine = await temporal(optionsOf(context)).open({
      ...(request as object),
      load,
    } as never);
    context.after(() => engine.close());
    const first = await engine.client.start(visit, undefined, { id: "first" });
    isHeld = true;
    await assert.rejects(engine.client.start(visit, undefined, { id: "second" }), (error) =>
      hasCode(error, "HF-OVERLOADED"),
    );
    await assert.rejects(engine.describe("second"), (error) => hasCode(error, "HF-RUN-UNKNOWN"));
    await engine.client.start(visit, undefined, { id: "first", onClosed: "attach" });
    await first.result({ timeout: "1m" });
  },
);

test(
  "temporal() counts what was completed from outside, or resolved as done, as its activity says",
  { skip },
  async (context) => {
    const engine = await temporal({ ...optionsOf(context), secret: "outside" }).open({
      ...(request as object),
      modules: [fileURLToPath(new URL("fixture/outside.ts", import.meta.url))],
      workflows: [ordering],
      guard: guard({ budgets: [{ per: "agent", span: "total", limit: "100.00" }] }),
    } as never);
    context.after(() => engine.close());
    const spent = async () => (await engine.guard?.status())?.budgets[0]?.spent;
    const isLeft = Promise.withResolvers<void>();
    left.onLeft = isLeft.resolve;
    const start = (id: string, lost: boolean) =>
      engine.client.start(ordering, { amount: "40.00", lost }, { id });
    const [kept, lost] = await Promise.all([start("kept", false), start("lost", true)]);
    await isLeft.promise;
    await until(async () => (await engine.describe("lost")).status === "in-doubt");
    assert.equal(await spent(), usdc("80.00"));
    await engine.client.complete(left.tokens.get("kept") ?? "", { paid: "3.00" });
    assert.equal(await kept.result({ timeout: "1m" }), "3.00");
    assert.equal(await spent(), usdc("43.00"));
    const key = (await engine.describe("lost")).calls[0]?.key ?? "";
    const output = encode({ paid: "5.00" });
    const said = { actor: "ann", reason: "it stands in the venue's records", requestId: "r1" };
    await engine.apply([
      { kind: "resolve", id: "lost", key, resolution: { kind: "done", output }, ...said },
    ]);
    assert.equal(await lost.result({ timeout: "1m" }), "5.00");
    assert.equal(await spent(), usdc("8.00"));
  },
);

/** Resolves when the server says so. */
async function until(is: () => Promise<boolean>): Promise<void> {
  while (!(await is()));
}

test("temporal() refuses money without a store of intents", { skip }, async (context) => {
  const { intents: _intents, ...options } = optionsOf(context);
  await assert.rejects(temporal(options).open(request), (error) =>
    hasCode(error, "HF-INTENTS-MISSING"),
  );
});

test("temporal() names a server that does not answer", async (context) => {
  const options = { ...optionsOf(context), address: "127.0.0.1:1" };
  await assert.rejects(temporal(options).open(request), (error) =>
    hasCode(error, "HF-TEMPORAL-UNREACHABLE"),
  );
});

test("temporal() names a namespace that is not there", { skip }, async (context) => {
  const options = { ...optionsOf(context), namespace: "nowhere" };
  await assert.rejects(temporal(options).open(request), (error) =>
    hasCode(error, "HF-TEMPORAL-NAMESPACE"),
  );
});
