// A project with a configuration file, on the embedded engine and on a real Temporal cluster: one line differs. The
// same effects under the same keys, and the same command line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openSandbox } from "@holdfast/sandbox";
import { Spoken, address, eventually, noCluster } from "./harness/cluster.ts";

const BIN = fileURLToPath(import.meta.resolve("holdfast/bin"));
const PERIODS = 4;
/** What the fleet does at the venue: each once. */
const EFFECTS = [
  ...Array.from({ length: PERIODS }, (_, period) => `dca/${period} open`),
  "keep/register register-domain",
  "open-agent/beta/claim claim",
  "open-agent/beta/register register",
  "open-agent/default/claim claim",
  "open-agent/default/register register",
  "order/0 open",
  "pay/lock create-escrow",
  "pay/release release-escrow",
  "risk/close-all close-all",
];

interface Finding {
  readonly about: string;
  readonly level: string;
  readonly says: string;
}

/** A project in a folder of its own, and the command line beside it. */
class Project implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "holdfast-project-"));

  /** @param engine the line that says what runs it */
  constructor(engine: string) {
    const at = (name: string): string => import.meta.resolve(name);
    writeFileSync(
      join(this.folder, "holdfast.config.ts"),
      `import { defineConfig, paper, run } from "${at("holdfast")}";
import { dca, domainKeeper, escrowPayment, riskMonitor } from "${at("holdfast/agents")}";
import { temporal } from "${at("@holdfast/temporal")}";

export default defineConfig({
  ${engine}
  venue: paper(),
  accounts: { default: {}, beta: {} },
  fleet: [
    run(dca, { symbol: "BTC-PERP", amountUsd: "25.00", every: "500ms", periods: ${PERIODS}, spacingMs: 0 }, { id: "dca" }),
    run(escrowPayment, { to: "data-provider", amountUsd: "100.00", condition: "a report", every: "30s", deadlineHours: 1 }, { id: "pay" }),
    run(domainKeeper, { name: "agent.com", years: 1 }, { id: "keep" }),
    run(riskMonitor, { limit: 0.0000001, every: "1s" }, { id: "risk", account: "beta" }),
  ],
});
`,
    );
  }

  serve(): Spoken {
    return new Spoken([BIN, "serve"], { cwd: this.folder });
  }

  /** What a command says. */
  async run(...args: readonly string[]): Promise<string> {
    const command = new Spoken([BIN, ...args], { cwd: this.folder });
    const said = await command.ended();
    assert.equal(command.process.exitCode, 0, `${args.join(" ")}: ${said}`);
    return said;
  }

  async json(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const json = args[0] === "query" ? [] : ["--json"];
    return JSON.parse(await this.run(...args, ...json)) as Readonly<Record<string, unknown>>;
  }

  /** The effects of the venue that the process has left: ref, operation and key. */
  async effects(): Promise<readonly string[]> {
    await using venue = await openSandbox({ path: join(this.folder, ".holdfast/venue.sqlite") });
    venue.venue.assertInvariants();
    assert.equal(venue.venue.audit().duplicateEffects, 0);
    return venue.venue
      .effects({}, 0, 1_000)
      .map(({ ref, operation, key }) => `${ref} ${operation} ${key}`)
      .sort();
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Plays the same part on every engine, through the command line alone. */
async function play(project: Project): Promise<void> {
  await using host = project.serve();
  await host.until(/Stop with Ctrl-C/u);
  await eventually("the fleet", async () => {
    const { runs } = await project.json("runs");
    return (runs as readonly unknown[]).length === 6;
  });
  await eventually("a look at the account", async () => {
    const { checks } = await project.json("query", "risk", "state");
    return Number(checks) > 0;
  });
  const order = { symbol: "BTC-PERP", amountUsd: "5000.00", every: "1s", periods: 1 };
  await project.run(
    "start",
    "agents.dca",
    JSON.stringify(order),
    "--id",
    "order",
    "--account",
    "beta",
  );
  await eventually("the money in escrow", async () => {
    const { status } = await project.json("query", "pay", "progress");
    return status === "locked";
  });
  await project.run("signal", "pay", "confirm");
  for (const id of ["dca", "keep", "order", "pay", "risk"]) {
    await project.run("run", id, "--wait", "90s", "--result");
    assert.equal((await project.json("run", id))["status"], "completed");
  }
  assert.match(await project.run("run", "dca", "--history"), /dca/u);
  const { letters } = await project.json("dead", "list");
  assert.deepEqual(letters, []);
  await host.kill("SIGTERM");
  assert.equal(host.process.exitCode, 0, host.said);
}

test("one line of a configuration moves a project to a cluster", { skip: noCluster }, async () => {
  using embedded = new Project("");
  await play(embedded);
  const wanted = await embedded.effects();
  assert.deepEqual(
    wanted.map((effect) => effect.split(" ").slice(0, 2).join(" ")),
    EFFECTS,
  );
  using journal = new DatabaseSync(join(embedded.folder, ".holdfast/journal.sqlite"));
  const found = journal.prepare("SELECT value FROM meta WHERE name = 'namespace'").get();
  const keys = String(found?.["value"]);
  const own = randomUUID().slice(0, 8);
  const options = { address, namespace: "holdfast", taskQueue: own, prefix: `${own}/`, keys };
  using cluster = new Project(
    `engine: temporal(${JSON.stringify({ ...options, setup: true, drainMs: 2_000 })}),`,
  );
  await play(cluster);
  assert.deepEqual(await cluster.effects(), wanted);
  const { findings } = await cluster.json("doctor");
  const levels = (findings as readonly Finding[]).map(({ about, level }) => [about, level]);
  const about = [
    "engine",
    "server",
    "search attributes",
    "retention",
    "workers",
    "workflows",
    "intents",
  ];
  assert.deepEqual(
    levels.slice(-about.length),
    about.map((name) => [name, "fine"]),
  );
});

test("doctor names what a namespace lacks", { skip: noCluster }, async () => {
  const namespace = `bare-${randomUUID().slice(0, 8)}`;
  const program = process.env["HOLDFAST_TEMPORAL_BIN"] ?? "temporal";
  const flags = ["--namespace", namespace, "--retention", "2h", "--address", address];
  execFileSync(program, ["operator", "namespace", "create", ...flags]);
  using project = new Project(`engine: temporal(${JSON.stringify({ address, namespace })}),`);
  // The server's own parts learn of a namespace a moment later.
  await eventually("both findings", async () => {
    const command = new Spoken([BIN, "doctor", "--json"], { cwd: project.folder });
    const { findings } = JSON.parse(await command.ended()) as { findings: readonly Finding[] };
    const wanted = ["search attributes problem", "retention warn"];
    const found = findings.map(({ about, level }) => `${about} ${level}`);
    return wanted.every((finding) => found.includes(finding));
  });
});

test("doctor says what is in the way of a cluster", async () => {
  for (const [options, about, pattern] of [
    [{ address: "127.0.0.1:1", namespace: "holdfast" }, "server", /127\.0\.0\.1:1/u],
    ...(address === ""
      ? []
      : ([[{ address, namespace: "nowhere" }, "namespace", /"nowhere"/u]] as const)),
  ] as const) {
    using project = new Project(`engine: temporal(${JSON.stringify(options)}),`);
    const command = new Spoken([BIN, "doctor", "--json"], { cwd: project.folder });
    const said = await command.ended();
    assert.equal(command.process.exitCode, 1, said);
    const { findings } = JSON.parse(said) as { readonly findings: readonly Finding[] };
    const found = findings.find(({ level }) => level === "problem");
    assert.equal(found?.about, about);
    assert.match(found?.says ?? "", pattern);
  }
});
