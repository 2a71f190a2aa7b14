// A project with each thing that a workflow may not do, and with the same things where they are allowed. A
// comment "//! what" marks each line on which a finding is wanted; there must be no other.

import assert from "node:assert/strict";
import { relative } from "node:path";
import { test } from "node:test";
import { loadProject } from "../config/load.ts";
import { TestFolder } from "../fixture/folder.ts";
import { noteImports } from "./imports.ts";
import { type Determinism, checkDeterminism } from "./reach.ts";

type Files = Readonly<Record<string, string>>;

/** Loads a project of these files and checks it; paths in the findings are relative to it. */
async function check(files: Files): Promise<Determinism> {
  using folder = new TestFolder();
  folder.install();
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  using imports = noteImports();
  const { file = "" } = await loadProject({ folder: folder.path });
  const shorten = (path: string): string => relative(folder.path, path).replaceAll("\\", "/");
  const found = checkDeterminism(file, imports);
  return {
    ...found,
    findings: found.findings.map((finding) => ({
      ...finding,
      file: shorten(finding.file),
      chain: finding.chain.map(shorten),
    })),
  };
}

/** Checks a project whose findings are marked, and gives what was found. */
async function checkMarked(files: Files): Promise<Determinism> {
  const marked = Object.entries(files).flatMap(([name, text]) =>
    text.split("\n").flatMap((line, index) => {
      const whats = line.split("//! ")[1]?.split("; ") ?? [];
      return whats.map((what) => `${name}:${index + 1} ${what}`);
    }),
  );
  const found = await check(files);
  const got = found.findings.map(({ file, line, what }) => `${file}:${line} ${what}`);
  assert.deepEqual(got.sort(), marked.sort());
  return found;
}

const CONFIG = `
import { defineConfig, run } from "holdfast";
import { agent } from "./agent.ts";
const grant: string = process.env["GRANT"] ?? "1.00";
export default defineConfig({ venue: { kind: "paper", grant }, fleet: [run(agent, undefined, { id: String(Date.now()) })] });
`;
const AGENT = `
import { activity, workflow } from "holdfast";
import { z } from "zod";
`;
const none = "input: z.void(), output: z.void()";
/** An agent whose run has this body. */
const agent = (body: string, before = "", more: Files = {}): Files => ({
  ...more,
  "holdfast.config.ts": CONFIG,
  "agent.ts": `${AGENT}${before}
export const agent = workflow({ name: "t.agent", ${none}, run: async (ctx) => {
${body}
} });
`,
});

/** Each thing that is not deterministic, as it is written and as it is named. */
const GLOBALS = `
  Date.now(); //! Date.now
  globalThis.Date["now"](); //! Date.now
  new Date(); //! new Date()
  Date(); //! Date()
  performance.now(); //! performance.now
  Math.random(); //! Math.random
  crypto.randomUUID(); //! crypto.randomUUID
  [1].map(Math.random); //! Math.random
  setTimeout(() => undefined, 1); //! setTimeout
  globalThis.setInterval(() => undefined, 1); //! setInterval
  setImmediate(() => undefined); //! setImmediate
  await fetch("http://localhost"); //! fetch
  process.env["HOME"]; //! process.env
  process.pid; //! process.pid
  await import("./agent.ts"); //! import()
`;

test("checkDeterminism() finds each global that is not deterministic", async () => {
  const { workflows, unread } = await checkMarked(agent(GLOBALS));
  assert.equal(workflows, 1);
  assert.deepEqual(unread, []);
});

test("checkDeterminism() leaves alone what only looks like one", async () => {
  await checkMarked(
    agent(`
  const fetch = (setTimeout: number) => setTimeout;
  const clock = { Date: 1, now: () => ctx.now(), setTimeout: fetch };
  fetch(clock.setTimeout(clock.now()));
  for (const process of [{ env: 1 }]) process.env;
  try { new Date(0); Date.UTC(2026); new Date(ctx.now()).getUTCDay(); Math.max(1, ctx.random()); }
  catch (crypto) { (crypto as { x: unknown }).x; }
  setTimeout: for (;;) break setTimeout;
`),
  );
});

test("checkDeterminism() allows an activity everything, wherever it stands", async () => {
  const world = GLOBALS.replaceAll(/ \/\/! .*/gu, "");
  await checkMarked(
    agent(
      `  const inner = activity({ name: "t.inner", ${none}, effect: "none", run: async () => { randomUUID(); ${world} } });
  await ctx.call(inner, undefined);
  await ctx.call(outer, undefined);`,
      `
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { where } from "./world.ts";
let calls = 0;
const seen = new Set<number>();
const send = async (): Promise<void> => { calls += 1; where(); readFileSync("x"); ${world} };
const outer = activity({ name: "t.outer", ${none}, effect: "read", run: send,
  reconcile: async () => { seen.add(calls); Date.now(); return undefined; } } as never);`,
      { "world.ts": `export const where = () => process.cwd();\n` },
    ),
  );
});

test("checkDeterminism() judges an import of Node where a workflow uses it", async () => {
  await checkMarked(
    agent(
      `
  readFileSync("x"); //! readFileSync of "node:fs"
  os.hostname(); //! hostname of "node:os"
  wait(5); //! setTimeout of "node:timers/promises"
  crypto.randomBytes(4); //! randomBytes of "node:crypto"
  crypto.createHash("sha256");
  createHash("sha256");
  join("a", "b");
  const all = files; //! "fs"`,
      `
import crypto, { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import * as files from "fs";
import * as os from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import "node:http"; //! "node:http"
import type { Server } from "node:net";
export const unused = (): void => { writeFileSync("x", "y"); };
export type Kept = Server;`,
    ),
  );
});

test("checkDeterminism() finds what a module shares between runs", async () => {
  await checkMarked(
    agent(
      `  count(); limit; seen.size; state.last; table.length; names.get("a");`,
      `
let counter = 0; //! counter, which line 12 changes
let limit = 1;
limit = 2;
const seen = new Set<number>(); //! seen, which line 12 changes
const state: { last?: number } = {}; //! state, which line 12 changes
const table = [1, 2]; table.push(3);
const names = new Map([["a", 1]]);
function count(): void { counter += 1; seen.add(counter); state.last = counter; }`,
    ),
  );
});

test("checkDeterminism() follows the project's own modules, and gives the chain to each finding", async () => {
  const files = agent(
    `  ctx.log.info(String(stamp() + tools.twice(2) + price.of()));`,
    `
import price from "./lib/price.ts";
import { stamp } from "./lib/index.ts";
import * as tools from "./lib/tools.ts";
import "./lib/setup.ts";`,
    {
      "lib/index.ts": `export { stamp } from "./time.ts";
export * from "./tools.ts";
`,
      "lib/time.ts": `import { seconds } from "./seconds.ts";
export const stamp = (): number => seconds() + 1;
export const unused = (): number => Math.random();
`,
      "lib/seconds.ts": `export function seconds() { return Date.now() / 1000; } //! Date.now
`,
      "lib/tools.ts": `export const twice = (n: number): number => n * began; const began = Date.now(); //! Date.now
export const other = (): string => process.cwd();
`,
      "lib/price.ts": `export default { of: () => Math.random() }; //! Math.random
`,
      "lib/setup.ts": `Object.assign(globalThis, { started: Date.now() }); //! Date.now
`,
    },
  );
  const { findings } = await checkMarked(files);
  const chain = findings.find(({ file }) => file === "lib/seconds.ts")?.chain;
  assert.deepEqual(chain, ["agent.ts", "lib/index.ts", "lib/time.ts", "lib/seconds.ts"]);
  for (const { why, instead } of findings) assert.ok(why.length > 10 && instead.length > 5);
});

test("checkDeterminism() follows a workflow that a function makes, and one inside the configuration", async () => {
  await checkMarked({
    "holdfast.config.ts": `
import { defineConfig, run, workflow as flow } from "holdfast";
import * as z from "zod";
import { agent } from "./agent.ts";
export default defineConfig({ accounts: { default: { name: process.env["NAME"] ?? "x" } }, fleet: [
  run(agent(), undefined, { id: "a" }),
  run(flow({ name: "t.inline", ${none},
    run: async () => { Date.now(); } }), undefined, { id: "b" }), //! Date.now
] });`,
    "agent.ts": `
import * as holdfast from "holdfast";
import { z } from "zod";
export const agent = () => {
  const began = Date.now(); //! Date.now
  return holdfast.workflow({ name: "t.made", ${none}, run: async () => { began; } });
};`,
  });
});

test("checkDeterminism() allows a line that says why", async () => {
  await checkMarked(
    agent(`
  Date.now(); // holdfast-allow: only logged
  // holdfast-allow: only logged
  Math.random();
  Math.random(); //! Math.random
  // holdfast-allow:
  Date.now(); //! Date.now`),
  );
});

test("checkDeterminism() names the packages that it does not look into", async () => {
  const { unread } = await checkMarked(
    agent(
      `  walk; parse; data;`,
      `
import * as walk from "acorn-walk";
import { parse } from "./old.cjs";
import data from "./data.json" with { type: "json" };
import { parse as unused } from "acorn";`,
      { "old.cjs": `exports.parse = () => 1;`, "data.json": `{"a":1}` },
    ),
  );
  assert.deepEqual(unread, ["./old.cjs", "acorn-walk"]);
});
