// What is published: the manifests of the repository, rewritten, and the files that go with them.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { LAYERS } from "./layers.ts";
import { publishedFiles, withoutMap } from "./pack/files.ts";
import { type Manifest, publishedManifest } from "./pack/manifest.ts";

const versions = new Map([["@holdfast/core", "0.1.0"]]);
const engine: Manifest = {
  name: "@holdfast/engine",
  version: "0.1.0",
  license: "MIT",
  private: true,
  type: "module",
  scripts: { test: "none" },
  exports: { ".": "./src/index.ts", "./schema.json": "./src/schema.json" },
  imports: { "#main": "./src/cli/main.ts" },
  bin: { engine: "bin/engine.mjs" },
  files: ["template"],
  dependencies: { "@holdfast/core": "0.1.0", zod: "4.6.7" },
  devDependencies: { "@holdfast/testing": "0.1.0" },
};

test("publishedManifest() points at what is built and drops what only the repository needs", () => {
  assert.deepEqual(publishedManifest(engine, versions), {
    name: "@holdfast/engine",
    version: "0.1.0",
    license: "MIT",
    type: "module",
    engines: { node: ">=24" },
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./schema.json": "./dist/schema.json",
    },
    imports: { "#main": "./dist/cli-main.js" },
    bin: { engine: "bin/engine.mjs" },
    dependencies: { "@holdfast/core": "0.1.0", zod: "4.6.7" },
    files: ["dist", "bin", "template"],
  });
});

test("publishedManifest() refuses a range, and a version that the workspace does not have", () => {
  for (const wanted of ["0.0.9", "^0.1.0", "*"]) {
    const stale = { ...engine, dependencies: { "@holdfast/core": wanted } };
    assert.throws(() => publishedManifest(stale, versions), /must want exactly "0\.1\.0"/);
  }
  const floating = { ...engine, dependencies: { zod: "^4.0.0" } };
  assert.throws(() => publishedManifest(floating, versions), /Cannot pack "@holdfast\/engine"/);
});

test("publishedFiles() takes built sources, assets, bins and the template, and leaves tests and fixtures", () => {
  const files = publishedFiles("@holdfast/engine", [
    "src/index.ts",
    "src/globals.d.ts",
    "src/page/index.html",
    "src/run/run.test.ts",
    "src/run/fixtures/journal.json",
    "bin/engine.mjs",
    "template/agents/agent.test.ts",
    "template/gitignore",
    "README.md",
    "tsconfig.json",
  ]);
  assert.deepEqual(Object.fromEntries(files), {
    "dist/index.d.ts": "dist/index.d.ts",
    "dist/globals.d.ts": "src/globals.d.ts",
    "dist/page/index.html": "src/page/index.html",
    "bin/engine.mjs": "bin/engine.mjs",
    "template/agents/agent.test.ts": "template/agents/agent.test.ts",
    "template/gitignore": "template/gitignore",
    "README.md": "README.md",
  });
});

test("publishedFiles() and publishedManifest() leave alone what is published file by file", () => {
  const source = "src/fair/index.ts";
  const files = publishedFiles("@holdfast/purpleflea", [source]);
  assert.deepEqual([...files.keys()].sort(), ["dist/fair/index.d.ts", "dist/fair/index.js"]);
  const exports = { "./fair": `./${source}`, "./wire": "./src/wire/index.ts" };
  const published = publishedManifest(
    { name: "@holdfast/purpleflea", version: "0.1.0", exports },
    versions,
  );
  assert.deepEqual(published.exports, {
    "./fair": { types: "./dist/fair/index.d.ts", default: "./dist/fair/index.js" },
    "./wire": { types: "./dist/wire/index.d.ts", default: "./dist/wire-index.js" },
  });
});

test("withoutMap() removes the reference at the end only", () => {
  const text = 'const a = "//# sourceMappingURL=a";\n//# sourceMappingURL=index.js.map';
  assert.equal(withoutMap(text), 'const a = "//# sourceMappingURL=a";\n');
});

test("every package of the repository can be published, in one version", () => {
  const root = resolve(import.meta.dirname, "..");
  const manifests = globSync("packages/*/package.json", { cwd: root }).map(
    (path) => JSON.parse(readFileSync(resolve(root, path), "utf8")) as Manifest,
  );
  const all = new Map(manifests.map(({ name, version }) => [name, version]));
  assert.equal(all.size, Object.keys(LAYERS).length);
  assert.equal(new Set(all.values()).size, 1);
  for (const manifest of manifests) publishedManifest(manifest, all);
});
