// The bundle for a cluster, of a module as users write it. No server is needed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleProject } from "@holdfast/temporal";
import { watch } from "./harness/own-workflow.ts";

test("a workflow whose module imports from holdfast is bundled, without Node and without schemas", async () => {
  const roots = [fileURLToPath(new URL("harness/own-workflow.ts", import.meta.url))];
  const { code } = await bundleProject({ roots, workflows: [watch] });
  assert.match(code, /own\.watch/u);
  assert.doesNotMatch(code, /readFileSync|node:sqlite/u);
});
