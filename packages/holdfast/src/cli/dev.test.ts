// The main job as a user runs it, in a pipe: it starts, is killed at any moment, and goes on where it was.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { watch } from "node:fs/promises";
import { test } from "node:test";
import { TestProject, eventsOf, plan } from "../fixture/project.ts";

interface Audit {
  readonly effects: number;
  readonly refs: number;
  readonly duplicateEffects: number;
}

test("dev runs the demo without a configuration, in plain lines, and says how to stop and go on", async () => {
  using project = new TestProject();
  await using program = project.start(["dev", "--for", "60s"]);
  const [, url = ""] = await program.until(/^audit (http\S+)$/mu);
  await program.until(/^trade \S+ opened 12\.50 dca-btc\/0$/mu);
  await program.until(/^run risk-monitor \(agents\.riskMonitor\) is running$/mu);
  await program.until(/^account default equity 10,000\.\d\d pnl \S+ drawdown \S+ % positions 1$/mu);
  const json = (await (await fetch(url)).json()) as Audit;
  assert.equal(json.duplicateEffects, 0);
  const page = await fetch(url, { headers: { accept: "text/html" } });
  assert.match(await page.text(), /<html/iu);
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.ended();
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.match(stdout, /state lies in .*\.holdfast\./u);
  assert.match(stdout, /Stop with Ctrl-C\. After Ctrl-C or kill -9, the same command goes on/u);
  assert.match(stdout, /\d effects for \d intents, 0 twice\.\naudit, while it runs: http/u);
  assert.ok(!stdout.includes("\u001b"), "no colours, no cursor, in a pipe");
});

test("dev keeps compiled code while it runs, so that whoever is killed starts fast the next time", async () => {
  using project = new TestProject();
  const cache = project.folder.join("compiled");
  mkdirSync(cache);
  const changes = watch(cache, { recursive: true, signal: AbortSignal.timeout(60_000) });
  await using program = project.start(["dev"], { env: { NODE_COMPILE_CACHE: cache } });
  for await (const _ of changes) {
    const found = readdirSync(cache, { recursive: true, withFileTypes: true });
    if (found.some((entry) => entry.isFile())) break;
  }
  assert.equal(program.child.exitCode, null, "it still runs");
});

test("dev goes on after kill -9 at any moment: every period once, at the same address", async () => {
  const periods = 40;
  using project = new TestProject(`fleet: [${plan(periods)}]`);
  const addresses = new Set<string>();
  for (const trades of [0, 1, 2, 1, 3]) {
    await using program = project.start(["dev", "--json"]);
    const [, venue = ""] = await program.until(/"venue":"([^"]+)"/u);
    addresses.add(venue);
    // Some are killed before their first trade, some in the middle of things.
    await program.until(new RegExp(`(?:"kind":"margin"[^]*){${trades}}`, "u"));
    process.kill(project.control().pid, "SIGKILL");
    await program.ended();
  }
  await using program = project.start(["dev", "--json"]);
  await program.until(/"id":"dca",[^}]*"status":"completed"/u);
  program.kill("SIGTERM");
  const { code, stdout } = await program.ended();
  assert.equal(code, 0);
  const stopped = eventsOf(stdout).find(({ event }) => event === "stopped");
  const { effects, refs, duplicateEffects } = (stopped?.["audit"] ?? {}) as Partial<Audit>;
  // Registration and faucet, and one purchase a period.
  assert.deepEqual([effects, refs, duplicateEffects], [periods + 2, periods + 2, 0]);
  assert.equal(addresses.size, 1, "the venue's address stays");
});

test("dev keeps API key and token to itself: one file of the secrets, one of mode 0600", async () => {
  using project = new TestProject(`fleet: [${plan(50)}]`);
  await using program = project.start(["dev"]);
  await program.until(/dca\/2/u);
  const { token } = project.control();
  assert.equal(statSync(project.state("control.json")).mode & 0o777, 0o600);
  assert.equal(statSync(project.state("")).mode & 0o777, 0o700);
  const [name = "", ...others] = project.files().filter((path) => path.startsWith("secrets"));
  assert.deepEqual(others, []);
  const key = readFileSync(project.state(name), "utf8");
  assert.match(key, /^pf_test_\S{16,}$/u);
  program.kill("SIGKILL");
  await program.ended();
  for (const path of project.files()) {
    if (path === name) continue;
    const bytes = readFileSync(project.state(path), "latin1");
    assert.ok(!bytes.includes(key), `${path} holds the API key`);
    if (path !== "control.json") assert.ok(!bytes.includes(token), `${path} holds the token`);
  }
  assert.ok(!program.output.includes(key) && !program.output.includes(token));
});

test("a second process on the same state is refused, and the first goes on", async () => {
  using project = new TestProject(`fleet: [${plan(50)}]`);
  await using first = project.start(["dev"]);
  await first.until(/dca\/0/u);
  const second = await project.run(["dev"]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`another process \\(pid ${first.pid}\\) does`, "u"));
  assert.match(second.stderr, /^HF-STATE-LOCKED$/mu);
  assert.equal(project.control().pid, first.pid, "its address stays");
  await first.until(/dca\/3/u);
});

test("dev runs several agents, each with a key of its own", async () => {
  using project = new TestProject(
    `accounts: { alpha: {}, beta: { name: "second" } },
     fleet: [${plan(2, "a", "alpha")}, ${plan(2, "b", "beta")}]`,
  );
  await using program = project.start(["dev", "--json"]);
  for (const id of ["a", "b"]) {
    await program.until(new RegExp(`"id":"${id}",[^}]*"status":"completed"`, "u"));
  }
  const keys = project.files().filter((path) => path.startsWith("secrets"));
  assert.equal(new Set(keys.map((path) => readFileSync(project.state(path), "utf8"))).size, 2);
  program.kill("SIGINT");
  const { stdout } = await program.ended();
  const trades = eventsOf(stdout).filter(({ event }) => event === "trade");
  const bought = (account: string): unknown[] =>
    trades
      .filter((it) => it["account"] === account && it["kind"] === "margin")
      .map((it) => it["ref"]);
  assert.deepEqual(
    [bought("alpha"), bought("beta")],
    [
      ["a/0", "a/1"],
      ["b/0", "b/1"],
    ],
  );
});

test("dev says that a run goes on with the input it was started with", async () => {
  using project = new TestProject(`fleet: [${plan(500)}]`);
  await using first = project.start(["dev"]);
  await first.until(/dca\/0/u);
  first.kill("SIGINT");
  assert.ok(!(await first.ended()).stdout.includes("goes on with the input"));
  project.configure(`fleet: [${plan(600)}]`);
  await using second = project.start(["dev"]);
  await second.until(/^warn: Run "dca" goes on with the input it was started with/mu);
  const { stdout } = await project.run(["query", "dca", "progress"]);
  assert.match(stdout, /"of": 500/u);
});

test("serve runs the fleet without a view, and dev takes it over", async () => {
  using project = new TestProject(`fleet: [${plan(12)}]`);
  const served = await project.run(["serve", "--for", "1s"]);
  assert.equal(served.code, 0, served.stderr);
  assert.ok(!served.stdout.includes("trade"));
  await using program = project.start(["dev"]);
  await program.until(/run dca \(agents\.dca\) (?:goes on|is completed)/u);
  await program.until(/run dca \(agents\.dca\) is completed/u);
});
