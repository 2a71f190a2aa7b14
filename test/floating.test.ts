// A rejection that nobody handles, in the code of a workflow: it parks that run, and neither the process nor
// the other runs notice.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("a floating rejection parks its run, and only that run", () => {
  const worker = fileURLToPath(new URL("harness/floating-worker.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [worker], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    output: 1,
    status: "stuck",
    code: "HF-FLOATING-REJECTION",
  });
});
