// What the package brings along: nothing of Node, so that a browser may read with it, and nothing that happens by
// importing it, so that a bundler may leave out what is not used.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;]*?\sfrom\s+)?"([^"]+)";/gmu;
const SOURCES: Readonly<Record<string, string>> = {
  "@holdfast/core": join(import.meta.dirname, "../../core/src/index.ts"),
};

/** Everything that a module imports, at run time, by file; what is not ours as it is named. */
function reached(entry: string, seen: Map<string, readonly string[]> = new Map()) {
  if (seen.has(entry)) return seen;
  const names = [...readFileSync(entry, "utf8").matchAll(IMPORT)].map(([, name = ""]) => name);
  seen.set(entry, names);
  for (const name of names) {
    const file = name.startsWith(".") ? join(dirname(entry), name) : SOURCES[name];
    if (file !== undefined) reached(file, seen);
  }
  return seen;
}

const graph = reached(join(import.meta.dirname, "index.ts"));

test("the entry of the package imports nothing of Node", () => {
  assert.ok(graph.size > 40, `only ${graph.size} modules`);
  const foreign = new Set([...graph.values()].flat().filter((name) => !name.startsWith(".")));
  assert.deepEqual([...foreign].sort(), [
    "@holdfast/core",
    "@noble/hashes/sha2.js",
    "@noble/hashes/utils.js",
    "zod",
  ]);
});

test("no module of the package acts when it is imported", () => {
  const manifest = readFileSync(join(import.meta.dirname, "../package.json"), "utf8");
  assert.equal((JSON.parse(manifest) as { sideEffects?: boolean }).sideEffects, false);
  for (const file of graph.keys()) {
    // A statement at the margin that is no declaration would be an act.
    const acts = readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => /^(?:await\s|[\w.]+\(|for\s|if\s|globalThis|new\s)/u.test(line));
    assert.deepEqual(acts, [], file);
  }
});

test("a process that has its answer ends at once", () => {
  const script = `
    import { createServer } from "node:http";
    import { createPurpleFlea } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
    const server = createServer((_request, response) => {
      response.end(JSON.stringify({ status: "ok" }));
    });
    server.listen(0, "127.0.0.1", async () => {
      const baseUrl = "http://127.0.0.1:" + server.address().port;
      await createPurpleFlea({ baseUrl }).status();
      server.closeAllConnections();
      server.close();
      const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout");
      console.log(JSON.stringify(timers));
    });`;
  const begun = performance.now();
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 25_000,
  });
  assert.deepEqual([status, stdout.trim()], [0, "[]"]);
  assert.ok(performance.now() - begun < 15_000, "it waited for its time-out");
});
