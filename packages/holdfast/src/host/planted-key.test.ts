// An API key that a venue plants in its answers gets into no file of the state but the secrets, and into no
// line of output.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TestProject } from "../fixture/project.ts";
import { PLANTED, TalkativeVenue } from "../fixture/venue.ts";

test("a key in the venue's answers lands in the secrets only", async () => {
  await using venue = await TalkativeVenue.open();
  using project = new TestProject(
    `venue: remote({ baseUrl: "${venue.url}" }),
     fleet: [run(riskMonitor, { limit: 0.15, every: "1s" }, { id: "risk" })]`,
  );
  await using program = project.start(["dev"]);
  // The registration and a refused claim are journaled, and the monitor's reads fail.
  await program.until(/run open-agent\/default .* is completed/u);
  await program.until(/run risk .* is running/u);
  await program.until(/problem: /u);
  const shown = [
    await project.run(["run", "open-agent/default", "--history", "--json"]),
    await project.run(["run", "risk", "--json"]),
    await project.run(["run", "risk"]),
  ];
  program.kill("SIGINT");
  await program.ended();
  assert.ok(venue.asked.some((path) => path.includes("/portfolio")));
  const holding = project
    .files()
    .filter((path) => readFileSync(project.state(path), "latin1").includes(PLANTED));
  assert.equal(holding.length, 1);
  assert.match(holding[0] ?? "", /^secrets/u);
  assert.ok(!program.output.includes(PLANTED), program.output);
  assert.match(shown[0]?.stdout ?? "", /\[secret\]/u);
  for (const { stdout, stderr } of shown) assert.ok(!`${stdout}${stderr}`.includes(PLANTED));
});
