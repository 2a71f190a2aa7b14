// A bundle does what its modules did: one copy of each, files found beside them, and stacks that name sources.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { bundle } from "./bundle.ts";
import type { Manifest } from "./manifest.ts";

const manifest: Manifest = {
  name: "@holdfast/sample",
  version: "0.1.0",
  exports: { ".": "./src/index.ts", "./deep": "./src/deep/index.ts" },
  imports: { "#program": "./src/deep/program.ts" },
};

const SOURCES: Readonly<Record<string, string>> = {
  "src/state.ts": `export const state: { count: number } = { count: 0 };\n`,
  "src/late.ts": `import { state } from "./state.ts";\nexport const late = state;\n`,
  "src/index.ts": `export { state } from "./state.ts";
export const later = async () => (await import("./late.ts")).late;
export interface Nothing { readonly at: string }

export function fail(): never {
  throw new Error("failed here");
}
`,
  "src/deep/index.ts": `export { state } from "../state.ts";
export const beside = new URL("../data.txt", import.meta.url).href;
`,
  "src/deep/program.ts": `console.log("program");\n`,
};

test("bundle() keeps one copy of a module, addresses, dynamic imports and the lines of sources", async () => {
  const home = mkdtempSync(join(tmpdir(), "holdfast-bundle-"));
  try {
    for (const [path, text] of Object.entries(SOURCES)) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
    }
    writeFileSync(join(home, "package.json"), `{ "type": "module" }`);
    // As packing does: written elsewhere first, and moved when it is installed.
    const dist = join(home, "node_modules/@holdfast/sample/dist");
    await bundle(home, manifest, dist);
    const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
    for (const entry of ["index.js", "deep-index.js", "deep-program.js"]) {
      assert.ok(files.includes(entry), `${entry} is missing among ${files.join(", ")}`);
    }
    const load = async (name: string): Promise<Record<string, unknown>> =>
      (await import(pathToFileURL(join(dist, name)).href)) as Record<string, unknown>;
    const [index, deep] = [await load("index.js"), await load("deep-index.js")];
    assert.ok(index["state"] !== undefined);
    assert.equal(index["state"], deep["state"]);
    assert.equal(await (index["later"] as () => Promise<unknown>)(), index["state"]);
    assert.equal(deep["beside"], pathToFileURL(join(dist, "data.txt")).href);
    const source = join(dirname(dist), "src/index.ts").replaceAll("\\", "/");
    assert.ok(stackOf(join(dist, "index.js")).includes(`${source}:6:`));
  } finally {
    rmSync(home, { recursive: true });
  }
});

/** What a process tells of the failure when it reads source maps. */
function stackOf(file: string): string {
  const program = `import { fail } from ${JSON.stringify(pathToFileURL(file).href)};
try { fail(); } catch (error) { console.log(error.stack); }`;
  const args = ["--enable-source-maps", "--input-type=module", "--eval", program];
  return execFileSync(process.execPath, args, { encoding: "utf8" });
}
