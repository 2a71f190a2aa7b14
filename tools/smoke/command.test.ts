// A command that does not end is killed with all that it started, and is seen not to have ended.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommand } from "./command.ts";

const options = { cwd: import.meta.dirname, env: process.env };

test("runCommand() gives the exit code and both streams", async () => {
  const ended = await runCommand("echo one; echo two >&2; exit 3", { ...options, limitMs: 10_000 });
  assert.equal(ended.code, 3);
  assert.match(ended.output, /one/);
  assert.match(ended.output, /two/);
});

test("runCommand() kills what outlives its limit, children included", async () => {
  const ended = await runCommand("sleep 60 & sleep 60", { ...options, limitMs: 100 });
  assert.equal(ended.code, undefined);
});
