// Deploys on a real Temporal server: code that is given work only where it does what the histories say, and old and
// new code side by side.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type HostedEngine, type IntentStore, type Log, hasCode, silentLog } from "@holdfast/core";
import { openEngine, systemClock, temporalHistory } from "@holdfast/engine";
import { openSqliteIntents } from "@holdfast/storage";
import { pause } from "../clock/every.ts";
import * as newer from "../fixture/deploy/new.ts";
import * as old from "../fixture/deploy/old.ts";
import * as other from "../fixture/deploy/other.ts";
import { written } from "../fixture/deploy/work.ts";
import type { TemporalOptions } from "../options.ts";
import { temporal } from "../temporal.ts";

const address = process.env["HOLDFAST_TEMPORAL"] ?? "";
const skip =
  address === ""
    ? "HOLDFAST_TEMPORAL is not set: npm run services -- temporal -- npm test -- packages/temporal"
    : false;

const CODES = {
  old: [old.plan, old.rounds, old.gone],
  new: [newer.plan, newer.rounds],
  other: [other.plan],
} as const;
type Code = keyof typeof CODES;

/** A project on a task queue of its own, whose code is deployed in several versions. */
class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-deploy-"));
  readonly own = randomUUID().slice(0, 8);
  readonly said: string[] = [];
  readonly #intents: IntentStore = openSqliteIntents(join(this.folder, "intents.sqlite"));
  readonly #open: HostedEngine[] = [];

  constructor(context: TestContext) {
    context.after(async () => {
      for (const engine of this.#open) await engine.close();
      await this.#intents[Symbol.asyncDispose]();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  options(more: Partial<TemporalOptions> = {}): TemporalOptions {
    return {
      address,
      namespace: "holdfast",
      taskQueue: this.own,
      prefix: `${this.own}/`,
      keys: this.own,
      intents: this.#intents,
      setup: true,
      drainMs: 1e3,
      ...more,
    };
  }

  async serve(code: Code, more: Partial<TemporalOptions> = {}): Promise<HostedEngine> {
    const log: Log = {
      ...silentLog,
      info: (message) => void this.said.push(message),
      warn: (message) => void this.said.push(message),
    };
    const engine = await temporal(this.options(more)).open({
      modules: [fileURLToPath(new URL(`../fixture/deploy/${code}.ts`, import.meta.url))],
      workflows: CODES[code],
      activities: [],
      resources: [],
      clock: systemClock,
      log,
    });
    this.#open.push(engine);
    return engine;
  }

  findings(code: Code) {
    const workflows = CODES[code].map(({ name }) => name);
    const factory = temporal(this.options());
    return factory.examine?.({ keyTtlMs: undefined, workflows }) ?? [];
  }

  /** What was written for a run. */
  effects(id: string): readonly string[] {
    return written.filter((line) => line.startsWith(`${this.own}:${id}`) || line.startsWith(id));
  }
}

async function eventually(what: string, met: () => boolean | Promise<boolean>): Promise<void> {
  const until = systemClock.now() + 100_000;
  while (!(await met())) {
    assert.ok(systemClock.now() < until, `Never came about: ${what}`);
    await pause(100);
  }
}

/** Waits until a plan has written its first line and stands. */
async function stands(engine: HostedEngine, id: string): Promise<void> {
  await eventually(`run ${id} stands`, async () =>
    (await engine.history(id)).some(({ entry }) => entry.kind === "done"),
  );
}

function misfit(...patterns: readonly RegExp[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(hasCode(error, "HF-DEPLOY-MISFIT"), String(error));
    for (const pattern of patterns) assert.match(error.message, pattern);
    return true;
  };
}

test(
  "runs end on the code they began on, and what begins anew begins on the newest",
  { skip },
  async (context) => {
    const stage = new Stage(context);
    const first = await stage.serve("old", { versioning: true });
    const ids = [`${stage.own}-one`, `${stage.own}-rounds`] as const;
    const one = await first.client.start(old.plan, undefined, { id: ids[0] });
    const rounds = await first.client.start(old.rounds, [], { id: ids[1] });
    await stands(first, ids[0]);
    assert.deepEqual(stage.said, []);

    const second = await stage.serve("new", { versioning: true });
    await eventually("a word on the runs of the old version", async () => {
      const found = (await stage.findings("old")).find(({ about }) => about === "versions");
      return /\(current\): 0 open runs, 1 worker\n[0-9a-f]+: 2 open runs, 1 worker/u.test(
        found?.says ?? "",
      );
    });
    const two = await second.client.start(newer.plan, undefined, { id: `${stage.own}-two` });
    for (const run of [one, two]) await run.signal("go");
    assert.deepEqual(await one.result({ timeout: "1m" }), ["old 1", "old 2"]);
    assert.deepEqual(await two.result({ timeout: "1m" }), ["new 1", "new 2"]);
    await rounds.signal("go");
    await eventually("a second generation", async () => (await rounds.describe()).generation === 1);
    await rounds.signal("go");
    assert.deepEqual(await rounds.result({ timeout: "1m" }), ["old", "new"]);
    assert.equal(stage.effects(ids[0]).length, 2);
    assert.equal(stage.effects(ids[1]).length, 2);

    await assert.rejects(stage.serve("new"), (error) => hasCode(error, "HF-TEMPORAL-VERSIONED"));
  },
);

test(
  "an old worker that comes back turns no deploy back, and runs that nobody serves are named",
  { skip },
  async (context) => {
    const stage = new Stage(context);
    const first = await stage.serve("old", { versioning: true });
    const id = `${stage.own}-one`;
    await first.client.start(old.plan, undefined, { id });
    await stands(first, id);
    await first.close();
    const second = await stage.serve("new", { versioning: true });
    await eventually("a run that nobody serves", async () => {
      const found = (await stage.findings("new")).find(({ about }) => about === "versions");
      return found?.level === "problem" && /: 1 open run, nobody serves it/u.test(found.says);
    });
    const back = await stage.serve("old", { versioning: true });
    assert.match(
      stage.said.join("\n"),
      /serves version [0-9a-f]+, which was current before; new runs go to/u,
    );
    const two = await back.client.start(old.plan, undefined, { id: `${stage.own}-two` });
    await two.signal("go");
    assert.deepEqual(await two.result({ timeout: "1m" }), ["new 1", "new 2"]);
    const again = second.client.run(old.plan, id);
    await again.signal("go");
    assert.deepEqual(await again.result({ timeout: "1m" }), ["old 1", "old 2"]);
    assert.equal(stage.effects(id).length, 2);
    assert.equal((await second.describe(id)).status, "completed");
  },
);

test(
  "code that does not do what open runs have done is given no work",
  { skip },
  async (context) => {
    const stage = new Stage(context);
    const first = await stage.serve("old");
    const id = `${stage.own}-one`;
    await first.client.start(old.plan, undefined, { id });
    await stands(first, id);
    await first.close();
    await assert.rejects(
      stage.serve("new"),
      misfit(
        new RegExp(`"${id}" \\(deploy\\.plan, open at the server\\)`, "u"),
        /\["new 1"\].*\["old 1"\]/u,
      ),
    );
    await assert.rejects(stage.serve("other"), misfit(/[Tt]imer/u, /[Aa]ctivity/u));

    // What stands still already keeps nobody else from work.
    const forced = await stage.serve("other", { replayRuns: 0 });
    await forced.client.run(old.plan, id).signal("go");
    await eventually(
      "a run that stands still",
      async () => (await forced.describe(id)).status === "stuck",
    );
    await forced.close();
    const warned = await stage.serve("other");
    assert.match(
      stage.said.join("\n"),
      new RegExp(`does not fit run "${id}".*It stands still`, "su"),
    );
    await warned.close();

    const fits = await stage.serve("old");
    assert.deepEqual(await fits.client.run(old.plan, id).result({ timeout: "1m" }), [
      "old 1",
      "old 2",
    ]);
    assert.equal(stage.effects(id).length, 2);
  },
);

test("code must fit recorded histories, also of the embedded engine", { skip }, async (context) => {
  const stage = new Stage(context);
  const embedded = await openEngine({
    path: join(stage.folder, "journal.sqlite"),
    definitions: CODES.old,
    namespace: stage.own,
  });
  const id = `${stage.own}-embedded`;
  const run = await embedded.client.start(old.plan, undefined, { id });
  await run.signal("go");
  await run.result({ timeout: "1m" });
  const { events } = await temporalHistory(embedded, id);
  await embedded.close();
  const histories = join(stage.folder, "histories");
  mkdirSync(histories);
  writeFileSync(join(histories, "plan.json"), JSON.stringify({ events }));

  const engine = await stage.serve("old", { histories });
  await engine.close();
  await assert.rejects(
    stage.serve("new", { histories }),
    misfit(/"plan" \(deploy\.plan, .*plan\.json\)/u, /new 1.*old 1/u),
  );
  await assert.rejects(stage.serve("other", { histories }), misfit(/[Tt]imer/u));
  const text = JSON.stringify({ events }).replaceAll("deploy.write", "deploy.wrote");
  writeFileSync(join(histories, "plan.json"), text);
  await assert.rejects(
    stage.serve("old", { histories }),
    misfit(/deploy\.wrote/u, /deploy\.write/u),
  );
  writeFileSync(join(histories, "plan.json"), "{}");
  await assert.rejects(stage.serve("old", { histories }), (error) =>
    hasCode(error, "HF-HISTORY-UNREADABLE"),
  );
});

test(
  "a workflow that nobody serves is named by its run and by doctor",
  { skip },
  async (context) => {
    const stage = new Stage(context);
    const first = await stage.serve("old");
    const id = `${stage.own}-gone`;
    await first.client.start(old.gone, undefined, { id });
    await eventually("its first task", async () => (await first.history(id)).length > 0);
    await first.close();
    const second = await stage.serve("new");
    // Whatever wakes it shows it.
    await second.apply([{ kind: "cancel", id, reason: "enough", requestId: "enough" }]);
    await eventually("a run that stands still", async () => {
      const { status, problem } = await second.describe(id);
      return status === "stuck" && problem?.code === "HF-WORKFLOW-UNKNOWN";
    });
    await eventually("a finding", async () => {
      const found = (await stage.findings("new")).find(({ about }) => about === "workflows");
      return found?.level === "problem" && /deploy\.gone/u.test(found.advice ?? "");
    });
  },
);

test("versioning names a server that has none", { skip }, async (context) => {
  const stage = new Stage(context);
  const server = await bareServer(context, "system.enableDeploymentVersions=false");
  // A bare server lacks search attributes: they are named, and made where that is wanted.
  await assert.rejects(stage.serve("old", { address: server, setup: false }), (error) => {
    assert.ok(hasCode(error, "HF-TEMPORAL-ATTRIBUTES"), String(error));
    return true;
  });
  const versioned = { address: server, versioning: true };
  await assert.rejects(stage.serve("old", versioned), (error) => {
    assert.ok(hasCode(error, "HF-TEMPORAL-UNVERSIONED"), String(error));
    assert.match(error.message, /disabled/u);
    return true;
  });
  const plain = await stage.serve("old", { address: server });
  const run = await plain.client.start(old.plan, undefined, { id: `${stage.own}-plain` });
  await run.signal("go");
  assert.deepEqual(await run.result({ timeout: "1m" }), ["old 1", "old 2"]);
});

/** A server in memory with one setting, and its address. */
async function bareServer(context: TestContext, setting: string): Promise<string> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const flags = [
    "--headless",
    "--ip",
    "127.0.0.1",
    "--port",
    String(port),
    "--namespace",
    "holdfast",
  ];
  const child = spawn(
    process.env["HOLDFAST_TEMPORAL_BIN"] ?? "temporal",
    ["server", "start-dev", ...flags, "--log-level", "error", "--dynamic-config-value", setting],
    { stdio: "ignore" },
  );
  context.after(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const there = `127.0.0.1:${port}`;
  const stage = { address: there, namespace: "holdfast" };
  await eventually("a server", async () => {
    const found = (await temporal(stage).examine?.({ keyTtlMs: undefined, workflows: [] })) ?? [];
    return found.some(({ about }) => about === "retention");
  });
  return there;
}
