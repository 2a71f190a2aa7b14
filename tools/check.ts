// `npm run check [-- --fast]`: everything that must hold before a commit, each stage to its end even if one
// before it failed, the quick ones first. `--fast` leaves the tests out.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Stage, formatOutcome, runStage } from "./check/stage.ts";

const STAGES: readonly Stage[] = [
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "lint", command: ["oxlint", "--type-aware"] },
  { name: "types", command: ["tsc", "-b"] },
  { name: "unused", command: ["knip", "--no-config-hints"] },
  { name: "layers", command: [process.execPath, "tools/check-imports.ts"] },
];
const TESTS: Stage = { name: "tests", command: [process.execPath, "tools/test.ts"], live: true };

const { values } = parseArgs({ options: { fast: { type: "boolean" } } });
const root = resolve(import.meta.dirname, "..");
const failed: string[] = [];
for (const stage of values.fast === true ? STAGES : [...STAGES, TESTS]) {
  const outcome = await runStage(stage, root);
  console.log(formatOutcome(outcome));
  if (!outcome.ok) failed.push(outcome.name);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
