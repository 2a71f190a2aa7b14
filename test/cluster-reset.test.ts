// Resets by Temporal's own tools, and starts in place of other runs, on a real cluster: what was bought is not bought
// again, and what is missing is bought. Counted by ref at the venue, against the refs that are stated beforehand.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type HostedEngine,
  type Started,
  type Workflow,
  encode,
  provide,
  silentLog,
} from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { createPurpleFlea, paperProfile, purpleFlea } from "@holdfast/purpleflea";
import { openSqliteIntents } from "@holdfast/storage";
import { temporal } from "@holdfast/temporal";
import { Stage, address, eventually, noCluster } from "./harness/cluster.ts";
import { chain, family, stumbling } from "./harness/reset-plans.ts";

const skip = noCluster;
const PLANS = fileURLToPath(new URL("harness/reset-plans.ts", import.meta.url));

/** A worker of the plans in this process, and Temporal's own command line beside it. */
class Desk implements AsyncDisposable {
  readonly stage: Stage;
  readonly engine: HostedEngine;
  /** How many dead letters there are, each time that this was told. */
  readonly told: readonly number[];
  readonly #close: () => Promise<void>;

  private constructor(
    stage: Stage,
    engine: HostedEngine,
    told: readonly number[],
    close: () => Promise<void>,
  ) {
    this.stage = stage;
    this.engine = engine;
    this.told = told;
    this.#close = close;
  }

  static async open(): Promise<Desk> {
    const stage = await Stage.open({ periods: 0 });
    const { own, sandbox, agent } = stage;
    const intents = openSqliteIntents(stage.intents);
    const told: number[] = [];
    const options = { address, namespace: "holdfast", taskQueue: own, prefix: `${own}/` };
    const engine = await temporal({
      ...options,
      keys: own,
      intents,
      setup: true,
      drainMs: 500,
    }).open({
      modules: [PLANS],
      workflows: [chain, family, stumbling] as readonly Workflow[],
      activities: [],
      resources: [
        provide(
          purpleFlea,
          () => createPurpleFlea({ baseUrl: sandbox.url, apiKey: agent.key }),
          paperProfile,
        ),
      ],
      clock: systemClock,
      log: silentLog,
      onDeadLetters: ({ total }) => void told.push(total),
    });
    return new Desk(stage, engine, told, async () => {
      await engine.close();
      await intents[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    });
  }

  async start(
    { name }: { readonly name: string },
    id: string,
    input: unknown,
    policy: { readonly onOpen?: "replace"; readonly onClosed?: "restart-failed" } = {},
    effects?: "again" | "continue",
  ): Promise<Started> {
    const account = "default";
    const request = { workflow: name, id, account, input: encode(input), requestId: randomUUID() };
    const [applied] = await this.engine.apply([{ kind: "start", ...request, ...policy, effects }]);
    assert.ok(applied?.kind === "start");
    return applied.started;
  }

  async ended(id: string): Promise<string> {
    return (await this.engine.result({ id, timeoutMs: 60_000 })).kind;
  }

  /** As a person does it: from the first task of an execution on. */
  async reset(id: string, runId: string): Promise<void> {
    const program = process.env["HOLDFAST_TEMPORAL_BIN"] ?? "temporal";
    const place = ["--address", address, "--namespace", "holdfast"];
    const which = ["--workflow-id", `${this.stage.own}/${id}`, "--run-id", runId];
    const how = ["--type", "FirstWorkflowTask", "--reason", "a test"];
    await promisify(execFile)(program, ["workflow", "reset", ...place, ...which, ...how]);
  }

  /** Refs of the purchases that the venue has. */
  get refs(): readonly string[] {
    const effects = this.stage.sandbox.venue.effects({ agent: this.stage.agent.id }, 0, 1_000);
    return effects
      .filter(({ operation }) => operation === "open")
      .map(({ ref }) => ref ?? "")
      .sort();
  }

  async bought(count: number): Promise<void> {
    await eventually(`${count} purchases`, () => this.refs.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** The purchases of a chain. */
function chained(root: string, generations: number): readonly string[] {
  return Array.from({ length: generations * 3 }, (_, n) => `${root}/${Math.trunc(n / 3)}/${n % 3}`);
}

test(
  "a chain that is reset before and after it continued as new buys each once",
  { skip },
  async () => {
    await using desk = await Desk.open();
    const plan = { generations: 3, held: false, planted: false };
    const first = await desk.start(chain, "c", plan);
    assert.equal(await desk.ended("c"), "completed");
    const wanted = chained("c", 3);
    assert.deepEqual(desk.refs, wanted);
    const last = (await desk.engine.describe("c")).runId;
    await desk.reset("c", last);
    assert.equal(await desk.ended("c"), "completed");
    assert.notEqual((await desk.engine.describe("c")).runId, last);
    assert.deepEqual(desk.refs, wanted);
    // From before it had continued: all its generations run again.
    await desk.reset("c", first.runId);
    await eventually("the last generation", async () => {
      const { generation, status } = await desk.engine.describe("c");
      return generation === 2 && status === "completed";
    });
    assert.deepEqual(desk.refs, wanted);
    assert.deepEqual(desk.stage.counts().at(-1), 0);
  },
);

test(
  "a chain that is reset in the middle of a generation buys the rest, once",
  { skip },
  async () => {
    await using desk = await Desk.open();
    const { runId } = await desk.start(chain, "m", { generations: 2, held: true, planted: false });
    await desk.bought(2);
    await desk.reset("m", runId);
    const run = desk.engine.client.run(chain, "m");
    await run.signal("go");
    await desk.bought(5);
    const second = await desk.engine.describe("m");
    assert.equal(second.generation, 1);
    await desk.reset("m", second.runId);
    await run.signal("go");
    assert.equal(await desk.ended("m"), "completed");
    assert.deepEqual(desk.refs, chained("m", 2));
  },
);

test("a parent that is reset lets its child and itself buy each once", { skip }, async () => {
  await using desk = await Desk.open();
  const { runId } = await desk.start(family, "f", undefined);
  assert.equal(await desk.ended("f"), "completed");
  const wanted = [...chained("f/test.chain/0", 2), "f/after", "f/before"].sort();
  assert.deepEqual(desk.refs, wanted);
  await desk.reset("f", runId);
  assert.equal(await desk.ended("f"), "completed");
  assert.notEqual((await desk.engine.describe("f")).runId, runId);
  assert.deepEqual(desk.refs, wanted);
});

test(
  "a run that replaces an open one finishes what is missing, or acts anew",
  { skip },
  async () => {
    await using desk = await Desk.open();
    const held = { generations: 1, held: true, planted: false };
    const free = { ...held, held: false };
    await desk.start(chain, "r", held);
    await desk.bought(2);
    await desk.start(chain, "r", free, { onOpen: "replace" }, "continue");
    assert.equal(await desk.ended("r"), "completed");
    assert.deepEqual(desk.refs, chained("r", 1));
    await desk.start(chain, "s", held);
    await desk.bought(5);
    await desk.start(chain, "s", free, { onOpen: "replace" }, "again");
    assert.equal(await desk.ended("s"), "completed");
    const both = [...chained("r", 1), ...chained("s", 1).slice(0, 2), ...chained("s~1", 1)];
    assert.deepEqual(desk.refs, both.sort());
  },
);

test(
  "a failed run is told of, and finishes what is missing when it is started again",
  { skip },
  async () => {
    await using desk = await Desk.open();
    await desk.start(stumbling, "w", true);
    assert.equal(await desk.ended("w"), "failed");
    assert.deepEqual(desk.refs, ["w/0", "w/1"]);
    await eventually("somebody is told of the failure", () => desk.told.at(-1) === 1);
    await desk.start(stumbling, "w", false, { onClosed: "restart-failed" }, "continue");
    assert.equal(await desk.ended("w"), "completed");
    assert.deepEqual(desk.refs, ["w/0", "w/1", "w/2"]);
    await eventually("and that nothing is left", () => desk.told.at(-1) === 0);
  },
);

test("the count turns red where keys are made of what a reset changes", { skip }, async () => {
  await using desk = await Desk.open();
  const { runId } = await desk.start(chain, "p", { generations: 1, held: false, planted: true });
  assert.equal(await desk.ended("p"), "completed");
  await desk.reset("p", runId);
  assert.equal(await desk.ended("p"), "completed");
  assert.deepEqual(desk.refs, [...chained("p", 1), ...chained("p", 1)].sort());
  assert.equal(desk.stage.counts().at(-1), 3);
});
