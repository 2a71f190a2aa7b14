// Mistakes in a configuration are answered with the place and what was expected there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, hasCode } from "@holdfast/core";
import { TestFolder } from "../fixture/folder.ts";
import { type Config, defineConfig } from "./config.ts";
import { loadProject } from "./load.ts";

const API = new URL("../index.ts", import.meta.url).href;
const AGENTS = new URL("../agents.ts", import.meta.url).href;

async function refusal(folder: TestFolder, text: string): Promise<Failure> {
  const file = folder.write("holdfast.config.ts", text);
  try {
    await loadProject({ folder: folder.path });
  } catch (error) {
    const failure = error as Failure;
    assert.ok(failure.message.startsWith("Cannot "), failure.message);
    assert.ok(failure.message.includes(file), failure.message);
    return failure;
  }
  throw new Error("It was accepted.");
}

test("loadProject() runs the fallback where there is no file, and says so where there is none", async () => {
  using folder = new TestFolder();
  const fallback: Config = defineConfig({});
  const project = await loadProject({ folder: folder.path, fallback: async () => fallback });
  assert.equal(project.config, fallback);
  assert.equal(project.file, undefined);
  assert.equal(project.stateFolder, folder.join(".holdfast"));
  await assert.rejects(loadProject({ folder: folder.path }), (error) =>
    hasCode(error, "HF-CONFIG-MISSING"),
  );
  await assert.rejects(loadProject({ folder: folder.path, file: "other.ts" }), (error) =>
    hasCode(error, "HF-CONFIG-MISSING"),
  );
});

test("loadProject() takes a fleet with several accounts from one file", async () => {
  using folder = new TestFolder();
  folder.write(
    "holdfast.config.ts",
    `import { defineConfig, paper, run, secret } from "${API}";
     import { dca, riskMonitor } from "${AGENTS}";
     const amountUsd: string = "25.00";
     export default defineConfig({
       venue: paper({ grant: "500.00" }),
       accounts: { alpha: {}, beta: { name: "second", apiKey: secret("BETA_KEY") } },
       fleet: [
         run(dca, { symbol: "BTC-PERP", amountUsd, every: "1w", periods: 52 }, { id: "a", account: "alpha" }),
         run(riskMonitor, { limit: 0.15, every: "5m" }, { id: "b", account: "beta" }),
       ],
       stateFolder: "state",
     });`,
  );
  const { config, stateFolder } = await loadProject({ folder: folder.path });
  assert.deepEqual(Object.keys(config.accounts ?? {}), ["alpha", "beta"]);
  assert.equal(config.fleet?.length, 2);
  assert.equal(stateFolder, folder.join("state"));
  const named = await loadProject({ folder: folder.path, stateFolder: "elsewhere" });
  assert.equal(named.stateFolder, folder.join("elsewhere"));
});

test("loadProject() names the line of a configuration that throws or does not parse", async () => {
  using throwing = new TestFolder();
  const failed = await refusal(throwing, `const x = 1;\nthrow new Error("no network");\n`);
  assert.equal(failed.code, "HF-CONFIG-FAILED");
  assert.match(failed.message, /Error: no network \(line 2\)/u);
  using broken = new TestFolder();
  const unparsed = await refusal(broken, `export default {\n  venue: ,\n};\n`);
  assert.equal(unparsed.code, "HF-CONFIG-FAILED");
  assert.match(unparsed.message, /SyntaxError/u);
});

test("loadProject() refuses what is no configuration, each mistake with its path", async () => {
  for (const [text, pattern] of [
    [`export const config = {};`, /it exports no configuration/u],
    [`export default 5;`, /it exports no configuration/u],
    [`export default { venu: {} };`, /configuration: Unrecognized key: "venu"/u],
    [`export default { venue: { kind: "papr" } };`, /venue\.kind|venue: expected paper/u],
    [`export default { venue: { kind: "live", baseUrl: "https://x.example" } };`, /venue\.mode/u],
    [`export default { venue: { kind: "paper", port: 99999 } };`, /venue\.port/u],
    [`export default { venue: { kind: "paper", grant: 5 } };`, /venue\.grant/u],
    [`export default { venue: { kind: "remote", baseUrl: "ftp://x" } };`, /venue\.baseUrl/u],
    [`export default { accounts: {} };`, /accounts: name at least one/u],
    [`export default { accounts: { "a b": {} } };`, /accounts/u],
    [`export default { accounts: { "a-b": {}, a_b: {} } };`, /share PURPLEFLEA_API_KEY_A_B/u],
    [`export default { workflows: [{}] };`, /workflows\[0\]: expected a workflow/u],
    [`export default { durability: "fast" };`, /durability/u],
  ] as const) {
    using folder = new TestFolder();
    const failure = await refusal(folder, text);
    assert.equal(failure.code, "HF-CONFIG-INVALID");
    assert.match(failure.message, pattern);
  }
});

test("loadProject() refuses an API key that stands in the file, and does not repeat it", async () => {
  using folder = new TestFolder();
  const key = "pf_live_0123456789abcdef";
  const failure = await refusal(
    folder,
    `export default { accounts: { main: { apiKey: "${key}" } } };`,
  );
  assert.match(failure.message, /accounts\.main\.apiKey: expected secret\(/u);
  assert.ok(!JSON.stringify({ ...failure, message: failure.message }).includes(key));
});

test("loadProject() checks the fleet's inputs, ids and accounts before anything is opened", async () => {
  using folder = new TestFolder();
  const { message } = await refusal(
    folder,
    `import { dca } from "${AGENTS}";
     const good = { symbol: "BTC-PERP", amountUsd: "25.00", every: "1w", periods: 52 };
     export default { fleet: [
       { workflow: dca, input: { ...good, amountUsd: 25 }, id: "a", account: "default" },
       { workflow: dca, input: good, id: "a", account: "nobody" },
     ] };`,
  );
  assert.match(message, /fleet\[0\] \(run "a"\): amountUsd: /u);
  assert.match(message, /fleet\[1\]\.id: another run is called "a"/u);
  assert.match(message, /fleet\[1\]\.account: there is no "nobody", only default/u);
});

test("loadProject() reads .env beside the configuration; what the environment says already stays", async () => {
  using folder = new TestFolder();
  folder.write(".env", "HF_TEST_FROM_FILE=file\nHF_TEST_FROM_BOTH=file\n");
  process.env["HF_TEST_FROM_BOTH"] = "environment";
  try {
    await loadProject({ folder: folder.path, fallback: async () => ({}) });
    assert.equal(process.env["HF_TEST_FROM_FILE"], "file");
    assert.equal(process.env["HF_TEST_FROM_BOTH"], "environment");
  } finally {
    delete process.env["HF_TEST_FROM_FILE"];
    delete process.env["HF_TEST_FROM_BOTH"];
  }
});
