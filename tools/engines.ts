// `npm run services -- temporal -- npm run engines`: runs the contract of the Engine port on the embedded engine and
// on a real Temporal server, and writes to docs/engines.md what came of it. It takes some ten minutes. A failure, or
// a server that is not there, leaves the page as it is.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { replaced } from "./engines/page.ts";
import { waysOf } from "./engines/way.ts";

const root = resolve(import.meta.dirname, "..");
const page = join(root, "docs/engines.md");
const begun = performance.now();

const tell = (line: string): void => {
  console.error(`${line} (${Math.round((performance.now() - begun) / 1_000)} s)`);
};

if (process.env["HOLDFAST_TEMPORAL"] === undefined) {
  console.error("There is no server: npm run services -- temporal -- npm run engines");
  process.exitCode = 1;
} else {
  const embedded = await waysOf(join(root, "packages/engine/src/contract.test.ts"), tell);
  const [temporal] = await waysOf(join(root, "packages/temporal/src/contract.test.ts"), tell);
  if (temporal === undefined) throw new Error("The contract was not run on Temporal.");
  const seen = { embedded, temporal, circumstances: circumstances() };
  writeFileSync(page, replaced(readFileSync(page, "utf8"), seen));
  execFileSync(join(root, "node_modules/.bin/oxfmt"), [page], { cwd: root });
}

/** When it was seen, and on what. */
function circumstances(): string {
  const program = process.env["HOLDFAST_TEMPORAL_BIN"];
  const said =
    program === undefined ? "" : execFileSync(program, ["--version"], { encoding: "utf8" });
  const server = /Server ([\d.]+)/u.exec(said)?.[1];
  const on = server === undefined ? "a Temporal server" : `a Temporal server ${server} on SQLite`;
  const day = new Date().toISOString().slice(0, 10);
  return `Seen on ${day} with Node ${process.version}, on the embedded engine and on ${on}: each behaviour that is counted has passed.`;
}
