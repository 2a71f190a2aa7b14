// A plan that begins on the embedded engine and goes on on a real Temporal cluster, through the command line alone:
// processes are killed between the close here and the begin there, and after it. Each period is bought once, under the
// keys that it would have had. What the guard knows comes along.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { idempotencyKey } from "@holdfast/core";
import { type Sandbox, openSandbox } from "@holdfast/sandbox";
import { Spoken, address, eventually, noCluster } from "./harness/cluster.ts";

const skip = noCluster;
const BIN = fileURLToPath(import.meta.resolve("holdfast/bin"));
const KILLING = import.meta.resolve("./harness/killing-engine.ts");
const PLANS = fileURLToPath(import.meta.resolve("./harness/move-plans.ts"));
const PACKAGES = fileURLToPath(new URL("../node_modules", import.meta.url));
const PERIODS = 10;

interface Report {
  readonly namespace: string;
  readonly drained?: { readonly move: boolean };
  readonly open: readonly { readonly id: string; readonly stays: readonly string[] }[];
  readonly total: number;
  readonly leaving: readonly { readonly id: string; readonly step: string }[];
}

interface GuardShown {
  readonly modes: readonly {
    readonly scope: string;
    readonly actor: string;
    readonly reason: string;
  }[];
  readonly budgets: readonly { readonly spent: string }[];
}

/** A project's folder with two configurations: for the embedded engine, and for the cluster. */
class Project implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "holdfast-move-"));
  readonly #sandbox: Sandbox;
  readonly #own = randomUUID().slice(0, 8);
  readonly #fleet: string;
  readonly #guard: string;

  private constructor(sandbox: Sandbox, fleet: string, policy: string) {
    this.#sandbox = sandbox;
    this.#fleet = fleet;
    this.#guard = policy === "" ? "" : `guard: guard(${policy}),`;
    symlinkSync(PACKAGES, join(this.folder, "node_modules"), "junction");
    copyFileSync(PLANS, join(this.folder, "move-plans.ts"));
    this.configure("holdfast.config.ts", "");
  }

  /**
   * @param fleet a run, as it stands in the configuration
   * @param policy what its agents may do, as it stands there
   */
  static async open(fleet: string, policy = ""): Promise<Project> {
    return new Project(await openSandbox({ path: ":memory:" }), fleet, policy);
  }

  /** @param keys first part of the keys */
  cluster(keys: string, kill = ""): string {
    const options = {
      address,
      namespace: "holdfast",
      taskQueue: this.#own,
      prefix: `${this.#own}/`,
      keys,
      setup: true,
      drainMs: 1_000,
    };
    const name = `cluster${kill === "" ? "" : `-${kill}`}.config.ts`;
    const engine = `killing(temporal(${JSON.stringify(options)}), ${JSON.stringify(kill)})`;
    return this.configure(name, `engine: ${engine},`);
  }

  configure(name: string, engine: string): string {
    const at = (specifier: string): string => import.meta.resolve(specifier);
    writeFileSync(
      join(this.folder, name),
      `import { defineConfig, guard, remote, run } from "${at("holdfast")}";
import { dca } from "${at("holdfast/agents")}";
import { temporal } from "${at("@holdfast/temporal")}";
import { killing } from "${KILLING}";
import { carrying } from "./move-plans.ts";

export default defineConfig({
  ${engine}
  ${this.#guard}
  venue: remote({ baseUrl: "${this.#sandbox.url}" }),
  fleet: [${this.#fleet}],
});
`,
    );
    return name;
  }

  serve(config = "holdfast.config.ts"): Spoken {
    return new Spoken([BIN, "serve", "--config", config], { cwd: this.folder });
  }

  /** What a command says, and how it ended. */
  async run(
    ...args: readonly string[]
  ): Promise<{ readonly said: string; readonly process: Spoken }> {
    const process = new Spoken([BIN, ...args], { cwd: this.folder });
    return { said: await process.ended(), process };
  }

  async drain(...more: readonly string[]): Promise<Report> {
    const { said } = await this.run("engine", "drain", "--json", ...more);
    return JSON.parse(said) as Report;
  }

  async guard(): Promise<GuardShown> {
    return JSON.parse((await this.run("guard", "--json")).said) as GuardShown;
  }

  /** How many purchases of a plan were refused so far. */
  async refused(id: string): Promise<number> {
    const { said } = await this.run("query", id, "progress");
    return (JSON.parse(said) as { readonly refused: number }).refused;
  }

  /** Purchases: their refs and keys. */
  get purchases(): readonly { readonly ref: string | null; readonly key: string }[] {
    this.#sandbox.venue.assertInvariants();
    return this.#sandbox.venue
      .effects({}, 0, 1_000)
      .filter(({ operation }) => operation === "open")
      .map(({ ref, key }) => ({ ref, key: key ?? "" }));
  }

  get doubled(): number {
    return this.#sandbox.venue.audit().duplicateEffects;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

test(
  "a plan moves to a cluster in the middle, with kills between close and begin, and after it",
  { skip },
  async () => {
    await using project = await Project.open(
      `run(dca, { symbol: "BTC-PERP", amountUsd: "25.00", every: "5s", periods: ${PERIODS}, spacingMs: 0 }, { id: "dca" })`,
    );
    await using host = project.serve();
    await host.until(/Stop with Ctrl-C/u);
    await eventually("two purchases", () => project.purchases.length >= 2);
    const { namespace, open, drained } = await project.drain();
    assert.deepEqual([open.map(({ id }) => id), drained?.move], [["dca"], false]);
    const plan = '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"1w","periods":1}';
    const refused = await project.run("start", "agents.dca", plan, "--id", "other");
    assert.match(refused.said, /HF-ENGINE-DRAINED/u);
    const wrong = await project.run("engine", "move", "--config", project.cluster("another"));
    assert.match(wrong.said, /HF-MOVE-REFUSED/u);
    assert.equal((await project.drain()).drained?.move, false, "nothing has left for nowhere");

    const cut = ["--follow", "--config", project.cluster(namespace, "begin.before")];
    const first = await project.run("engine", "move", ...cut);
    assert.equal(first.process.signal, "SIGKILL", first.said);
    const between = await project.drain();
    assert.deepEqual(
      [between.total, between.leaving.map(({ id, step }) => [id, step])],
      [0, [["dca", "sent"]]],
    );
    const bought = project.purchases.length;
    assert.ok(bought < PERIODS, "it left in the middle");
    await host.kill();
    const undone = await project.drain("--undo");
    assert.equal(undone.leaving.length, 1, "what was sent is not taken back");

    const after = await project.run(
      "engine",
      "move",
      "--config",
      project.cluster(namespace, "begin.after"),
    );
    assert.equal(after.process.signal, "SIGKILL", after.said);
    const last = await project.run("engine", "move", "--config", project.cluster(namespace));
    assert.match(last.said, /Moved dca to Temporal/u);
    assert.deepEqual((await project.drain()).leaving, []);

    await using cluster = project.serve(project.cluster(namespace));
    await cluster.until(/Stop with Ctrl-C/u);
    await project.run("run", "dca", "--wait", "60s", "--result");
    const shown = JSON.parse((await project.run("run", "dca", "--json")).said) as object;
    assert.deepEqual(shown, { ...shown, status: "completed", generation: 1 });
    assert.deepEqual(
      project.purchases,
      Array.from({ length: PERIODS }, (_, period) => ({
        ref: `dca/${period}`,
        key: idempotencyKey({
          kind: "user",
          namespace,
          root: "dca",
          activity: "purpleflea.executeTrade",
          userKey: `period-${period}`,
        }),
      })),
    );
    assert.equal(project.doubled, 0);
  },
);

test("what a run carries comes along", { skip }, async () => {
  await using project = await Project.open('run(carrying, undefined, { id: "carry" })');
  await using host = project.serve();
  await host.until(/Stop with Ctrl-C/u);
  await eventually("the run", async () => (await project.drain()).open.length === 1);
  await project.run("signal", "carry", "note", '"hello"');
  const { namespace } = await project.drain();
  const config = project.cluster(namespace);
  const moved = await project.run("engine", "move", "--follow", "--config", config);
  assert.match(moved.said, /Moved carry to Temporal/u);
  const late = await project.run("signal", "carry", "note", '"late"');
  assert.match(late.said, /HF-RUN-MOVED/u);
  await host.kill("SIGTERM");
  await using cluster = project.serve(config);
  await cluster.until(/Stop with Ctrl-C/u);
  const { said } = await project.run("run", "carry", "--wait", "60s", "--result");
  assert.match(said, /hello rates a test true/u);
});

test(
  "what was spent and a halt come along: a budget is spent once on both, and a halt is on until it is lifted",
  { skip },
  async () => {
    const atMost = 8;
    await using project = await Project.open(
      `run(dca, { symbol: "BTC-PERP", amountUsd: "25.00", every: "2s", periods: 500, spacingMs: 0 }, { id: "dca" })`,
      `{ budgets: [{ per: "agent", span: "total", limit: "205.00" }], freshness: "off" }`,
    );
    await using host = project.serve();
    await host.until(/Stop with Ctrl-C/u);
    await eventually("two purchases", () => project.purchases.length >= 2);
    await project.run("halt", "--reason", "enough", "--actor", "ann");
    // What was on its way has ended by then.
    await eventually("a denial", async () => (await project.refused("dca")) > 0);
    const bought = project.purchases.length;
    assert.ok(bought < atMost, "it was halted in the middle");
    const before = await project.guard();
    const config = project.cluster((await project.drain()).namespace);
    const moved = await project.run("engine", "move", "--follow", "--config", config);
    assert.match(moved.said, /Moved dca to Temporal/u);
    await host.kill("SIGTERM");

    await using cluster = project.serve(config);
    await cluster.until(/Stop with Ctrl-C/u);
    const { modes, budgets } = await project.guard();
    assert.deepEqual(
      modes.map(({ scope, actor, reason }) => [scope, actor, /^enough .*came along/u.test(reason)]),
      [["project", "ann", true]],
    );
    assert.deepEqual(budgets, before.budgets);
    const here = await project.refused("dca");
    await eventually("a denial there", async () => (await project.refused("dca")) > here);
    assert.equal(project.purchases.length, bought, "it is halted here, too");

    await project.run("lift", "--reason", "seen to");
    const again = await project.run("engine", "move", "--config", config);
    assert.equal(again.process.process.exitCode, 0, again.said);
    assert.deepEqual((await project.guard()).modes, []);
    await eventually("the rest of the budget", () => project.purchases.length === atMost);
    const then = await project.refused("dca");
    await eventually("more denials", async () => (await project.refused("dca")) > then + 1);
    assert.equal(project.purchases.length, atMost);
    assert.equal(project.doubled, 0);
  },
);
