// The doctor on a project as a user has it: in order, damaged, open to others, and misconfigured.

import assert from "node:assert/strict";
import { chmodSync, readdirSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { TestProject } from "../fixture/project.ts";
import type { Finding } from "./finding.ts";

interface Report {
  readonly findings: readonly Finding[];
  readonly problems: number;
  readonly warnings: number;
}

/** Whether its process ends with 1 exactly where it found a problem is asserted each time. */
async function doctor(project: TestProject, ...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await project.run(["doctor", "--json", ...args]);
  assert.equal(stderr, "");
  const report = JSON.parse(stdout) as Report;
  assert.equal(code, report.problems > 0 ? 1 : 0, stdout);
  for (const { level, says, advice } of report.findings) {
    assert.equal(advice === undefined, level === "fine", says);
  }
  return report;
}

const bad = ({ findings }: Report): readonly string[] =>
  findings.filter(({ level }) => level !== "fine").map(({ about, says }) => `${about}: ${says}`);
const about = ({ findings }: Report, name: string): readonly string[] =>
  findings.filter((finding) => finding.about === name).map(({ says }) => says);

test("doctor says what bounds the agents, which modes are on, and whose losses nobody sees", async () => {
  using project = new TestProject("workflows: [buyer]");
  assert.deepEqual(about(await doctor(project), "guard"), [
    "none: nothing bounds what agents do but a halt",
  ]);
  const guard = 'guard({ budgets: [{ per: "agent", span: "day", limit: "9.00" }] })';
  project.configure(`workflows: [buyer], guard: ${guard}`);
  await using program = project.start(["dev"]);
  await program.until(/open-agent\/default .* is completed/u);
  const first = await doctor(project);
  assert.match(about(first, "guard").join(), /^version 1, 1 budgets: agent\/day$/u);
  assert.deepEqual(about(first, "modes"), ["FULL everywhere"]);
  assert.match(bad(first).join(), /^losses: the equity of "default" was never seen/u);
  assert.match(about(first, "audit log").join(), /^\d+ rows, whole$/u);
  await project.run(["start", "test.buyer", '{"amounts":["1.00"]}', "--id", "b"]);
  await project.run(["run", "b", "--wait", "30s"]);
  await project.run(["halt", "--symbol", "BTC-PERP", "--reason", "odd", "--actor", "ann"]);
  const halted = bad(await doctor(project));
  assert.equal(halted.length, 1, halted.join());
  assert.match(halted.join(), /^modes: symbol:BTC-PERP is HALTED since 2\S+ \(halt: odd\)$/u);
});

/** A project whose process was killed while runs were open. */
async function killed(ids: readonly string[]): Promise<TestProject> {
  const project = new TestProject("workflows: testWorkflows");
  await using program = project.start(["serve"]);
  await program.until(/Stop with Ctrl-C/u);
  for (const id of ids) await project.run(["start", "test.gate", "--id", id]);
  const running = await doctor(project);
  assert.deepEqual(bad(running), []);
  assert.match(about(running, "process").join(), /^pid \d+ runs, and answers at http/u);
  program.kill("SIGKILL");
  await program.ended();
  return project;
}

test("doctor finds a project in order, before it runs, while it runs and after a kill", async () => {
  using fresh = new TestProject("workflows: testWorkflows");
  assert.match(bad(await doctor(fresh)).join("\n"), /^state folder: \S+\.holdfast is not there$/u);
  assert.deepEqual(readdirSync(fresh.folder.path), ["holdfast.config.ts"]);
  using project = await killed(["a"]);
  const report = await doctor(project);
  assert.deepEqual(bad(report), []);
  assert.match(about(report, "process").join(), /none runs; the last one .* was killed/u);
  const { stdout } = await project.run(["doctor"]);
  assert.match(stdout, /^fine {5}Node: 2\d\./mu);
  assert.match(stdout, /^fine {5}venue: the journal belongs to the paper venue paper \(/mu);
  assert.match(stdout, /^Problems: 0\. Warnings: 0\.$/mu);
});

test("doctor names a run with a flipped bit, and the others go on", async () => {
  using project = await killed(["first", "second", "third"]);
  flipBit(project.state("journal.sqlite"), "second");
  const report = await doctor(project);
  assert.equal(report.problems, 1);
  assert.match(bad(report).join("\n"), /^runs: "second" is damaged: .*checksum does not fit/u);
  assert.match(about(report, "runs").join("\n"), /the other \d+ are sound, and go on$/u);
  await using program = project.start(["serve"]);
  await program.until(/Stop with Ctrl-C/u);
  await project.run(["signal", "third", "open", '{"by":"a test"}']);
  const third = await project.run(["run", "third", "--result", "--wait"]);
  assert.equal(third.stdout, '"opened by a test"\n');
  // A run at rest is looked at when somebody asks for it.
  assert.match((await project.run(["run", "second"])).stdout, /stuck[^]*HF-JOURNAL-DAMAGED/u);
  assert.match(
    (await project.run(["dead", "list"])).stdout,
    /second .*JOURNAL-DAMAGED.* discard$/mu,
  );
  await project.run(["dead", "discard", "second", "--reason", "a test"]);
  const after = bad(await doctor(project)).join("\n");
  assert.match(after, /^runs: "second" has ended, and its past is damaged: /u);
});

test("doctor names a run whose row is not the fold of its journal", async () => {
  using project = await killed(["a", "b"]);
  using database = new DatabaseSync(project.state("journal.sqlite"));
  database.exec("UPDATE run SET status = 'completed', closed_at = 1 WHERE id = 'b'");
  const [found = "", ...more] = bad(await doctor(project));
  assert.match(
    found,
    /^runs: "b" .* its entries say that it is running, its row that it is completed/u,
  );
  assert.deepEqual(more, []);
});

test("doctor finds secrets that others may read, and a file that is no journal", async () => {
  using project = await killed([]);
  const [secret = ""] = readdirSync(project.state("secrets"));
  chmodSync(project.state(`secrets/${secret}`), 0o644);
  assert.match(bad(await doctor(project)).join("\n"), new RegExp(`others may .*${secret}$`, "u"));
  chmodSync(project.state(`secrets/${secret}`), 0o600);
  for (const name of ["", "-wal", "-shm"])
    rmSync(project.state(`journal.sqlite${name}`), { force: true });
  project.folder.write(
    ".holdfast/journal.sqlite",
    "not a database, and longer than a header".repeat(20),
  );
  assert.match(bad(await doctor(project)).join("\n"), /^journal: .*not a database/u);
});

test("doctor compares the configuration with the journal", async () => {
  using project = await killed(["a"]);
  project.configure(`venue: live({ baseUrl: "http://127.0.0.1:9" })`);
  const moved = bad(await doctor(project)).join("\n");
  assert.match(moved, /venue: the journal belongs to the paper venue .* says live at http/u);
  assert.match(moved, /definitions: open runs are of workflows that .* not have: test\.gate$/mu);
  project.configure("workflows: [gate, gate2]", twoOfOneName);
  assert.match(bad(await doctor(project)).join("\n"), /^definitions: .*"test\.gate"/u);
  project.configure("activities: [late]", lateMoney);
  assert.match(bad(await doctor(project)).join("\n"), /money: .*"test\.late" with a total of/u);
  project.configure("fleets: []");
  assert.match(bad(await doctor(project)).join("\n"), /^configuration: Cannot use .*fleets/su);
});

const twoOfOneName = `const make = () => workflow({ name: "test.gate", input: z.void(), output: z.void(), run: async () => undefined });
const gate = make();
const gate2 = make();`;
const lateMoney = `const late = activity({ name: "test.late", input: z.void(), output: z.void(), effect: "money", timeouts: { total: "7d" }, run: async () => undefined });`;

/** Flips one bit of what stands in the first row of a run's journal. */
function flipBit(path: string, id: string): void {
  using database = new DatabaseSync(path);
  const first = "SELECT min(position) FROM journal JOIN run ON run.row = journal.run WHERE id = ?";
  const found = database.prepare(
    `SELECT position, entries FROM journal WHERE position = (${first})`,
  );
  const { position, entries } = found.get(id) as { position: number; entries: string };
  const bytes = Buffer.from(entries);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  database
    .prepare("UPDATE journal SET entries = ? WHERE position = ?")
    .run(bytes.toString(), position);
}
