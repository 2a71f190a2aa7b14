// `init` and `npm create holdfast` as a user runs them, and the project that they make.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { TestFolder } from "../fixture/folder.ts";
import { Program, runProgram } from "../fixture/program.ts";

const CREATE = fileURLToPath(
  new URL("../../../create-holdfast/bin/create-holdfast.mjs", import.meta.url),
);

test("init makes a project that passes check and runs, and says what to do next", async () => {
  using folder = new TestFolder();
  const made = await runProgram(["init", "my agents"], { cwd: folder.path });
  assert.deepEqual([made.code, made.stderr], [0, ""]);
  assert.match(made.stdout, /^Made my-agents in .*: .*holdfast\.config\.ts/u);
  assert.match(made.stdout, /^Next:\n {2}cd "my agents"\n {2}npm install\n {2}npm test/mu);
  folder.install();
  const cwd = folder.join("my agents");
  const checked = await runProgram(["check"], { cwd });
  assert.equal(checked.code, 0, checked.stdout);
  assert.match(checked.stdout, /files: 1\. Not deterministic: 0\.\n$/u);
  await using program = new Program(["dev"], { cwd });
  await program.until(/^trade \S+ opened \S+ weekly-btc\/0$/mu);
});

test("init refuses what is not empty, with an exit code and without a change", async () => {
  using folder = new TestFolder();
  folder.write("mine.txt", "mine");
  const { code, stdout, stderr } = await runProgram(["init"], { cwd: folder.path });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /it holds mine\.txt\. [^]*HF-FOLDER-NOT-EMPTY/u);
  assert.deepEqual(readdirSync(folder.path), ["mine.txt"]);
  const forced = await runProgram(["init", "--force", "--name", "x"], { cwd: folder.path });
  assert.equal(forced.code, 0);
  const again = await runProgram(["init", "--force"], { cwd: folder.path });
  assert.match(
    again.stdout,
    /: no file\.\nLeft as they were: README\.md, .*package\.json[^]*npm install --save-exact holdfast@/u,
  );
});

test("create-holdfast is init", () => {
  using folder = new TestFolder();
  const args = [CREATE, "my-agent", "--name", "other"];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: folder.path,
    encoding: "utf8",
  });
  assert.equal(status, 0);
  assert.match(stdout, /^Made other in .*my-agent: /u);
  assert.ok(readdirSync(folder.join("my-agent")).includes(".gitignore"));
});
