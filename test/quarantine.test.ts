// An activity that takes its process down with it, in real processes: after two crashes beside others and three
// alone it is in quarantine, and everything else of the journal completes.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Report } from "./harness/crash-loop-worker.ts";

const WORKER = fileURLToPath(new URL("harness/crash-loop-worker.ts", import.meta.url));

/** Starts the process once; gives what it reported, or how it ended without a report. */
function start(path: string, how: string): Report | { readonly status: number | string | null } {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [WORKER, path, how], {
    encoding: "utf8",
  });
  assert.equal(stderr.includes("HF-ENGINE-FAILED"), false, stderr);
  return stdout === "" ? { status: signal ?? status } : (JSON.parse(stdout) as Report);
}

for (const [how, end] of [
  ["exit", 13],
  ["kill", "SIGKILL"],
] as const) {
  test(`a call that ends its process (${how}) is quarantined, and the other runs complete`, () => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-crash-loop-"));
    try {
      const path = join(folder, "journal.sqlite");
      for (let crash = 1; crash <= 5; crash += 1) {
        assert.deepEqual(start(path, how), { status: end }, `start ${crash}`);
      }
      assert.deepEqual(start(path, how), {
        poison: ["quarantined", "HF-QUARANTINED"],
        others: [1, 2, 3],
        problems: [],
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
