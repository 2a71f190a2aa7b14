// chaos as a user runs it: real seconds, real faults of a venue of its own, real crashes of the engine; what it says
// of agents that are careless; and what it refuses.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, describe, test } from "node:test";
import type { ChaosReport } from "../chaos/report.ts";
import { TestProject, plan } from "../fixture/project.ts";

const CARELESS = `import * as careless from "${new URL("../fixture/careless.ts", import.meta.url).href}";`;
/** Every second call fails, so that the breaker opens now and then: it must not keep a test waiting. */
const QUICK = `{ purpleflea: { breaker: { cooling: "1s" } } }`;
/** Quick enough for a test, and rough: every second call fails. */
const rough = ["--seconds", "3", "--failure-rate", "0.5", "--latency", "5ms"];

const left = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("holdfast-chaos-"));

describe("holdfast chaos", () => {
  const project = new TestProject(
    `workflows: [dca, ...testWorkflows, careless.careful, careless.keyOfAttempt, careless.takesForDone, careless.takesForFailed],
     policies: ${QUICK}, fleet: [${plan(1_000, "plan")}]`,
    CARELESS,
  );
  after(() => {
    project[Symbol.dispose]();
  });
  const report = async (args: readonly string[]): Promise<ChaosReport> => {
    const { stdout, stderr } = await project.run(["chaos", ...args, "--json"]);
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as ChaosReport;
  };

  test("holds a run of the fleet through failures and crashes, and ends with 0", async () => {
    const before = left();
    const { code, stdout, stderr } = await project.run(["chaos", "plan", ...rough, "--kill"]);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^agents\.dca as "plan" under chaos:agent for 3\.\d s, seed "chaos"/mu);
    assert.match(stdout, /^ {2}doubled +0$/mu);
    assert.match(stdout, /^Held: \d+ effects through [1-9]\d* failures and \d+ crashes, none/mu);
    assert.match(stderr, /^3 of 3 s: \d+ calls, \d+ made to fail, \d+ effects/mu);
    assert.deepEqual(left(), before);
    assert.deepEqual(readdirSync(project.folder.path), ["holdfast.config.ts"]);
  });

  test("reports the guide's fields and what was counted at the venue", async () => {
    const found = await report(["careless.not", ...rough, "--seconds", "6"]);
    assert.equal(found.verdict, "held");
    assert.ok(found.duration_secs >= 6 && found.duration_secs < 8, String(found.duration_secs));
    assert.ok(found.total_calls > 30, String(found.total_calls));
    assert.equal(found.actual_injection_rate, found.chaos_injections / found.total_calls);
    assert.ok(Math.abs(found.actual_injection_rate - 0.5) < 0.2);
    const { latency, ...failing } = found.faults;
    assert.equal(latency, found.total_calls);
    // Ways to fail a write, each request counted under one.
    const ways = ["drop after", "drop before", "reset", "status 500", "status 503"];
    assert.ok(Object.keys(failing).length > 2, Object.keys(failing).join(", "));
    assert.ok(Object.keys(failing).every((way) => ways.includes(way)));
    const sum = Object.values(failing).reduce((total, hits) => total + hits, 0);
    assert.equal(sum, found.chaos_injections);
    assert.ok(found.runs > 1, "a run that completes is started again");
    assert.ok(found.refs_decided >= found.effects && found.effects > 5);
    assert.deepEqual([found.doubled, found.lost, found.mistaken, found.ledger_sum], [0, 0, 0, "0"]);
    assert.equal(found.agent_final_mode, "FULL");
  });

  const careless = [
    ["careless.done", "lost"],
    ["careless.failed", "mistaken"],
  ] as const;
  for (const [workflow, fault] of careless) {
    test(`finds what ${workflow} does: ${fault}`, async () => {
      const { code, stdout } = await project.run(["chaos", workflow, ...rough, "--json"]);
      assert.equal(code, 1);
      const found = JSON.parse(stdout) as ChaosReport;
      assert.equal(found.verdict, "violated");
      assert.ok(found[fault] > 0);
      assert.ok(found.violations.every((violation) => violation.fault === fault));
    });
  }

  test("finds an order that was sent under two keys, and shows both effects", async () => {
    const { code, stdout } = await project.run(["chaos", "careless.key", ...rough]);
    assert.equal(code, 1);
    assert.match(stdout, /^ {2}doubled +[1-9]/mu);
    const violation =
      /^VIOLATED: "(chaos(?:~\d+)?\/\d)" happened (?:twice|\d+ times); it was decided once\.\n {2}effect \d+: open [\d.]+ USDC at .*, key (\S+), ref \1\n {2}effect \d+: open [\d.]+ USDC at .*, key (\S+), ref \1$/mu;
    const found = violation.exec(stdout);
    assert.ok(found, stdout);
    assert.notEqual(found[2], found[3]);
    assert.match(stdout, /^VIOLATED: \d+ times\.$/mu);
  });

  test("shows nothing where nothing happens, and ends with 2", async () => {
    const { code, stdout } = await project.run(["chaos", "test.gate", "--seconds", "0.2"]);
    assert.equal(code, 2);
    assert.match(stdout, /^Nothing shown: the agent had no effect .* \(its run is running\)/mu);
    const rare = ["--seed", "calm", "--failure-rate", "0.001", "--seconds", "1"];
    const untried = await project.run(["chaos", "plan", ...rare]);
    assert.equal(untried.code, 2);
    assert.match(untried.stdout, /^Nothing shown: none of its [1-9]\d* calls was made to fail/mu);
    const failed = await project.run(["chaos", "test.failing", "--seconds", "30"]);
    assert.equal(failed.code, 2);
    assert.match(failed.stdout, /for [0-5]\.\d s.*the last run is failed\. HF-/u);
  });

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["plan", "--failure-rate", "1.5"], /failure rate is 1\.5: expected a share from 0 to 1/u],
    [["plan", "--seconds", "soon"], /seconds is NaN: expected more than 0 and at most 3600/u],
    [
      ["plam"],
      /Cannot let chaos loose on "plam": the configuration has plan, agents\.dca, test\./u,
    ],
    [["plan", "--input", '{"symbol":1}'], /HF-INPUT-INVALID/u],
  ];
  for (const [args, why] of refused) {
    test(`refuses ${args.join(" ")}`, async () => {
      const { code, stdout, stderr } = await project.run(["chaos", ...args]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, why);
    });
  }
});

test("chaos never runs where the venue is live", async () => {
  using project = new TestProject(
    `venue: live({ baseUrl: "http://127.0.0.1:9" }), fleet: [${plan(3)}]`,
  );
  const { code, stderr } = await project.run(["chaos", "dca"], {
    env: { PURPLEFLEA_API_KEY: "pf_live_0123456789abcdefghijklmnop" },
  });
  assert.equal(code, 2);
  assert.match(stderr, /this configuration's venue is live \(http:\/\/127\.0\.0\.1:9\)/u);
  assert.match(stderr, /^HF-CHAOS-LIVE$/mu);
});

test("chaos ends early at Ctrl-C, and tells what it saw", async () => {
  using project = new TestProject(`policies: ${QUICK}, fleet: [${plan(1_000)}]`);
  await using chaos = project.start(["chaos", "dca", "--seconds", "600", "--latency", "5ms"]);
  await chaos.until(/^5 of 600 s/mu);
  chaos.kill("SIGINT");
  const { code, stdout } = await chaos.ended();
  assert.equal(code, 0);
  assert.match(stdout, /for [5-9]\.\d s.*[\s\S]*^Held: \d+ effects/mu);
});

test("the guide's own suite goes through its steps within the time", async () => {
  using project = new TestProject(
    `policies: { purpleflea: { breaker: { failures: 2, cooling: "1s" } } }, fleet: [${plan(1_000)}]`,
  );
  const args = ["dca", "--suite", "seed4", "--seconds", "8", "--failure-rate", "0.3"];
  const { stdout, stderr } = await project.run(["chaos", ...args, "--latency", "5ms", "--json"]);
  assert.notEqual(stdout, "", stderr);
  const found = JSON.parse(stdout) as ChaosReport;
  assert.equal(found.suite, "chaos:seed4");
  assert.ok((found.faults["outage"] ?? 0) > 0);
  assert.ok(found.breaker_opened > 0);
  assert.deepEqual([found.doubled, found.lost, found.ledger_sum], [0, 0, "0"]);
});
