// `backup` as a user meets it: beside the running project, into a new file, and nothing where there is no journal.

import assert from "node:assert/strict";
import { examineJournal } from "@holdfast/engine";
import { test } from "node:test";
import { TestProject } from "../fixture/project.ts";

test("backup copies the journal of a project that runs, and never writes over a file", async () => {
  using project = new TestProject();
  const none = await project.run(["backup", "early.sqlite"]);
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /HF-STATE-MISSING/u);
  const program = project.start(["dev", "--for", "60s"]);
  await program.until(/Stop with Ctrl-C/u);
  const made = await project.run(["backup", "monday.sqlite"]);
  assert.deepEqual([made.code, made.stderr], [0, ""]);
  assert.match(made.stdout, /^Backed up .*journal\.sqlite to .*monday\.sqlite \(/u);
  assert.deepEqual(examineJournal(project.folder.join("monday.sqlite")).faults, []);
  const again = await project.run(["backup", "monday.sqlite"]);
  assert.notEqual(again.code, 0);
  assert.match(again.stderr, /HF-BACKUP-EXISTS/u);
});
