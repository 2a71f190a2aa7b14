// `check` as a user runs it before a deploy: beside the running project, with code that fits and code that does not.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { Program } from "../fixture/program.ts";
import { TestProject } from "../fixture/project.ts";

/** A project whose agent asks an activity and sleeps; `body` stands before its sleep. */
function deploy(project: TestProject, activityName: string, body = ""): void {
  project.folder.write(
    "holdfast.config.ts",
    `import { defineConfig, run } from "holdfast";
import { sleeper } from "./agents/sleeper.ts";
export default defineConfig({ fleet: [run(sleeper, undefined, { id: "s1" })] });
`,
  );
  project.folder.write("agents/time.ts", "export const stamp = (): number => Date.now();\n");
  project.folder.write(
    "agents/sleeper.ts",
    `import { activity, workflow } from "holdfast";
import { z } from "zod";
import { stamp } from "./time.ts";
const none = { input: z.void(), output: z.void() };
const look = activity({ name: "${activityName}", ...none, effect: "read", run: async () => { stamp(); } });
export const sleeper = workflow({ name: "t.sleeper", ...none, run: async (ctx) => {
  await ctx.call(look, undefined);
  ${body}
  await ctx.sleep("1d");
} });
`,
  );
}

function projectWith(activityName: string): TestProject {
  const project = new TestProject();
  project.folder.install();
  deploy(project, activityName);
  return project;
}

/** Starts the project and waits until its run sleeps. */
async function sleeping(project: TestProject): Promise<Program> {
  const program = project.start(["serve"]);
  await program.until(/Stop with Ctrl-C/u);
  while (!/wakes/u.test((await project.run(["run", "s1"])).stdout));
  return program;
}

test("check tells, while the project runs, which runs new code does not fit", async () => {
  using project = projectWith("t.look");
  await using _program = await sleeping(project);

  const same = await project.run(["check"]);
  assert.deepEqual([same.code, same.stderr], [0, ""]);
  assert.match(same.stdout, /^fits +s1 \(t\.sleeper, entries: 4\)$/mu);
  assert.match(same.stdout, /^Open runs: 1\. The code fits 1, and does not fit 0\.$/mu);

  deploy(project, "t.lookAgain");
  const renamed = await project.run(["check"]);
  assert.deepEqual([renamed.code, renamed.stderr], [1, ""]);
  assert.match(renamed.stdout, /^does not fit +s1 \(t\.sleeper\), at entry 1$/mu);
  assert.match(renamed.stdout, /^ {2}expected from history: call 0 of activity t\.look /mu);
  assert.match(renamed.stdout, /^ {2}got from code: +call 0 of activity t\.lookAgain /mu);

  // Its journal is as it was, and the run goes on sleeping.
  assert.match((await project.run(["run", "s1"])).stdout, /^s1 is running/u);
});

test("check names a run whose workflow is gone or rejects unheard, for programs too", async () => {
  using project = projectWith("t.look");
  await using program = await sleeping(project);
  program.kill("SIGKILL");
  await program.ended();
  deploy(project, "t.look", 'void Promise.reject(new Error("unheard"));');
  const unheard = await project.run(["check", "--json"]);
  assert.equal(unheard.code, 1, unheard.stderr);
  const { runs } = JSON.parse(unheard.stdout) as { runs: Record<string, unknown>[] };
  assert.deepEqual(
    runs.map(({ id, fits, code }) => [id, fits, code]),
    [["s1", false, "HF-FLOATING-REJECTION"]],
  );
  project.folder.write("holdfast.config.ts", "export default {};\n");
  const gone = await project.run(["check"]);
  assert.equal(gone.code, 1);
  assert.match(
    gone.stdout,
    /does not fit +s1 \(t\.sleeper\)\n.*no workflow "t\.sleeper" any more/u,
  );
});

test("check names file, line and chain of what is not deterministic, and says that nothing has run", async () => {
  using project = projectWith("t.look");
  deploy(project, "t.look", "ctx.log.info(String(stamp()));");
  const { code, stdout, stderr } = await project.run(["check"]);
  assert.deepEqual([code, stderr], [1, ""]);
  assert.match(stdout, /^No journal yet \(.*journal\.sqlite\): there is no run to replay\.$/mu);
  assert.match(
    stdout,
    /^agents\/time\.ts:1 {2}Date\.now\n {2}.*; use ctx\.now\(\)\n {2}imported by agents\/sleeper\.ts -> agents\/time\.ts$/mu,
  );
  assert.match(
    stdout,
    /^Workflow definitions in the project's files: 1\. Not deterministic: 1\.$/mu,
  );
  assert.ok(!existsSync(project.state("")), "check makes no state folder");
});

test("check ends with success where nothing is found, also when code leaves a timer open", async () => {
  using project = projectWith("t.look");
  project.folder.write(
    "agents/time.ts",
    "setInterval(() => 1, 1e6); export const stamp = () => 0;",
  );
  const { code, stdout } = await project.run(["check", "--json"]);
  assert.equal(code, 0);
  const found = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([found["runs"], found["workflows"], found["findings"]], [[], 1, []]);
  using nothing = new TestProject();
  const missing = await nothing.run(["check"]);
  assert.match(missing.stderr, /HF-CONFIG-MISSING/u);
});
