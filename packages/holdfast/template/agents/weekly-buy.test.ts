// The whole project as `npm start` runs it, at a paper venue of its own: started, stopped, and started again.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const holdfast = fileURLToPath(import.meta.resolve("holdfast/bin"));
const project = fileURLToPath(new URL("..", import.meta.url));

/** Runs the project for some seconds and gives what it bought, and what the venue counts at the end. */
function runProject(state: string): { bought: string[]; duplicates: number } {
  const args = [holdfast, "dev", "--json", "--state", state, "--for", "3s"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const purchases = events.filter(({ kind }) => kind === "margin");
  const audit = events.at(-1)?.["audit"] as { duplicateEffects: number };
  return { bought: purchases.map(({ ref }) => String(ref)), duplicates: audit.duplicateEffects };
}

test("weeklyBuy buys in its first week at once, and not again when it is started again", () => {
  const state = mkdtempSync(join(tmpdir(), "my-agent-"));
  try {
    assert.deepEqual(runProject(state), { bought: ["weekly-btc/0"], duplicates: 0 });
    assert.deepEqual(runProject(state), { bought: [], duplicates: 0 });
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
