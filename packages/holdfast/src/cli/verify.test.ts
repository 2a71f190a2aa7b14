// verify as a user runs it: its exit code, its table, and what it says of an agent with a planted bug.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { TestProject } from "../fixture/project.ts";
import type { VerifyReport } from "../verify/report.ts";

const PLANTED = `import * as planted from "${new URL("../fixture/planted.ts", import.meta.url).href}";`;
const plan = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 2 };

describe("holdfast verify", () => {
  const project = new TestProject(
    `workflows: [dca, planted.keyFromRandomness, ...testWorkflows],
     fleet: [run(dca, ${JSON.stringify(plan)}, { id: "plan" })]`,
    PLANTED,
  );
  after(() => {
    project[Symbol.dispose]();
  });

  test("proves a run of the fleet, and ends with 0", async () => {
    const { code, stdout, stderr } = await project.run(["verify", "plan"]);
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^agents\.dca as "plan": the clean run is completed after 7 d of virtual time, with 2 effects under 2 refs\.$/mu,
    );
    assert.match(stdout, /^crash after a call is answered +4 +8 +8 +0 +0 +0 +ok$/mu);
    assert.match(stdout, /^Proven in \d+ variants: each left 2 effects for 2 refs, none twice/mu);
  });

  test("takes its input from a file, and says what it left out", async () => {
    const file = project.folder.write("plan.json", JSON.stringify({ ...plan, periods: 3 }));
    const args = ["verify", "agents.dca", "--input", file, "--max", "4", "--json"];
    const { code, stdout, stderr } = await project.run(args);
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as VerifyReport;
    assert.deepEqual([report.verdict, report.clean.effects], ["proven", 3]);
    assert.equal(
      report.rows.reduce((sum, { variants }) => sum + variants, 0),
      4,
    );
    assert.ok(report.notTriedOfEffects > 0 && report.notTried >= report.notTriedOfEffects);
  });

  test("names the moment and both effects of a planted bug, and ends with 1", async () => {
    const { code, stdout } = await project.run(["verify", "planted.random"]);
    assert.equal(code, 1);
    assert.match(stdout, /^crash after a call is answered +3 .* VIOLATED in 3$/mu);
    const violation =
      /^VIOLATED at: .*\((?:open )?(verify\/\d)\)\n {2}"\1" happened twice.*\n {2}effect \d+: open .* USDC at .*, key (\S+), ref \1\n {2}effect \d+: open .*, key (\S+), ref \1$/mu;
    const found = violation.exec(stdout);
    assert.ok(found, stdout);
    assert.notEqual(found[2], found[3]);
    assert.match(stdout, /^VIOLATED: \d+ times in \d+ variants\.$/mu);
  });

  test("proves nothing where nothing happens or nothing can be run, and ends with 2", async () => {
    const idle = await project.run(["verify", "test.gate", "--for", "1d"]);
    assert.equal(idle.code, 2, idle.stderr);
    assert.match(idle.stdout, /is running after 1 d of virtual time, with 0 effects/u);
    assert.match(
      idle.stdout,
      /^Nothing proven: the clean run had no effect at the venue \(it is running\)/mu,
    );
    const unknown = await project.run(["verify", "plam"]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /^error Cannot verify "plam": the configuration has plan, /u);
    const wrong = await project.run(["verify", "plan", "--input", '{"symbol":1}']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^HF-INPUT-INVALID$/mu);
  });
});
