// Bad surroundings get an answer that helps: one message, a code, an exit code, and nothing is lost.

import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { TestProject, plan } from "../fixture/project.ts";
import type { Ended } from "../fixture/program.ts";

/** One message that begins with what failed, the code and its page on their own lines, and no stack. */
function assertRefusal({ code, stderr }: Ended, expected: string, pattern: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^error Cannot /u);
  assert.match(stderr, new RegExp(`^${expected}\nMore: docs/.*/${expected}\\.md$`, "mu"));
  assert.match(stderr, pattern);
  assert.ok(!/^ +at /mu.test(stderr), stderr);
}

async function occupiedPort(): Promise<{ readonly port: number } & Disposable> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => server.close() };
}

test("a configuration that throws or is wrong stops dev before anything is opened", async () => {
  using project = new TestProject("", `throw new Error("no such exchange");`);
  assertRefusal(await project.run(["dev"]), "HF-CONFIG-FAILED", /no such exchange \(line \d+\)/u);
  project.configure(`fleet: [run(dca, { symbol: "BTC-PERP" }, { id: "x" })]`);
  assertRefusal(await project.run(["dev"]), "HF-CONFIG-INVALID", /fleet\[0\] .*amountUsd: /u);
  assertRefusal(
    await project.run(["dev", "--config", "other.ts"]),
    "HF-CONFIG-MISSING",
    /other\.ts/u,
  );
  assert.ok(!existsSync(project.state("")));
  const debugged = await project.run(["dev"], { env: { HOLDFAST_DEBUG: "1" } });
  assert.match(debugged.stderr, /^ +at /mu);
});

test("serve wants a configuration", async () => {
  using project = new TestProject();
  assertRefusal(await project.run(["serve"]), "HF-CONFIG-MISSING", /write holdfast\.config\.ts/u);
});

test("a port that is asked for and taken is refused; one of the last time is replaced", async () => {
  using taken = await occupiedPort();
  using project = new TestProject(`fleet: [${plan(50)}]`);
  for (const flag of ["--port", "--audit-port", "--control-port"]) {
    const refused = await project.run(["dev", flag, String(taken.port)]);
    assertRefusal(refused, "HF-PORT-IN-USE", new RegExp(`port ${taken.port}`, "u"));
  }
  const ports = JSON.parse(readFileSync(project.state("ports.json"), "utf8")) as { venue: number };
  writeFileSync(project.state("ports.json"), JSON.stringify({ ...ports, venue: taken.port }));
  await using program = project.start(["dev"]);
  await program.until(new RegExp(`Port ${taken.port} of the last time is taken`, "u"));
  await program.until(/dca\/0/u);
});

test("a folder that cannot be written is refused", async () => {
  using project = new TestProject();
  project.folder.write("file", "");
  const inFile = await project.run(["dev", "--state", "file/state"]);
  assertRefusal(inFile, "HF-STATE-UNUSABLE", /Cannot write .*file.state/u);
});

test("a read-only folder is refused", { skip: process.platform === "win32" }, async () => {
  using project = new TestProject();
  chmodSync(project.folder.path, 0o555);
  // Root may write anywhere: then somebody who may not.
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const refused = await project.run(["dev"], nobody);
  chmodSync(project.folder.path, 0o755);
  assertRefusal(refused, "HF-STATE-READONLY", /must be writable by this user/u);
});

test("a journal from a newer version is refused and left as it is", async () => {
  using project = new TestProject(`fleet: [${plan(50)}]`);
  await using first = project.start(["dev"]);
  await first.until(/dca\/0/u);
  first.kill("SIGINT");
  await first.ended();
  const set = (version: number): void => {
    using database = new DatabaseSync(project.state("journal.sqlite"));
    database.exec(`PRAGMA user_version = ${version}`);
  };
  using database = new DatabaseSync(project.state("journal.sqlite"));
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  database.close();
  set(999);
  assertRefusal(await project.run(["dev"]), "HF-STATE-NEWER", /format 999/u);
  set(version);
  await using again = project.start(["dev"]);
  await again.until(/^trade .* dca\/\d/mu);
});

test("a journal of another venue is refused, and goes on when its venue is back", async () => {
  using project = new TestProject(`fleet: [${plan(50)}]`);
  using other = new TestProject(`fleet: []`);
  for (const one of [project, other]) {
    await using program = one.start(["dev"]);
    await program.until(/run open-agent\/default .* is completed/u);
    program.kill("SIGINT");
    await program.ended();
  }
  const own = readFileSync(project.state("venue.sqlite"));
  const key = project.files().find((path) => path.startsWith("secrets")) ?? "";
  const ownKey = readFileSync(project.state(key));
  writeFileSync(project.state("venue.sqlite"), readFileSync(other.state("venue.sqlite")));
  // With the other venue's file alone, the key is unknown there, which is found first.
  assertRefusal(await project.run(["dev"]), "HF-API-KEY-UNKNOWN", /does not know its API key/u);
  writeFileSync(project.state(key), readFileSync(other.state(key)));
  assertRefusal(await project.run(["dev"]), "HF-VENUE-MISMATCH", /belongs to/u);
  writeFileSync(project.state("venue.sqlite"), own);
  writeFileSync(project.state(key), ownKey);
  await using again = project.start(["dev"]);
  await again.until(/^trade .* dca\/\d/mu);
});

test("an API key that the venue does not know is refused before an order is", async () => {
  using project = new TestProject(`fleet: [${plan(50)}]`);
  const env = { PURPLEFLEA_API_KEY: "pf_test_somebody_elses_0123456789" };
  const refused = await project.run(["dev"], { env });
  assertRefusal(refused, "HF-API-KEY-UNKNOWN", /It comes from PURPLEFLEA_API_KEY/u);
  assert.ok(!refused.stderr.includes(env.PURPLEFLEA_API_KEY));
  const live = await project.run(["dev"], { env: { PURPLEFLEA_API_KEY: "pf_live_0123456789" } });
  assertRefusal(live, "HF-LIVE-KEY", /it is a live one/u);
  assert.ok(!live.stderr.includes("0123456789"));
  await using program = project.start(["dev"]);
  await program.until(/dca\/0/u);
});

test("an agent id that is not the key's is refused", async () => {
  using project = new TestProject(`fleet: [${plan(50)}]`);
  await using first = project.start(["dev"]);
  await first.until(/dca\/0/u);
  first.kill("SIGINT");
  await first.ended();
  const refused = await project.run(["dev"], { env: { PURPLEFLEA_AGENT_ID: "ag_other" } });
  assertRefusal(refused, "HF-AGENT-MISMATCH", /PURPLEFLEA_AGENT_ID says ag_other/u);
});

test("a live venue wants a live key, from the environment or from .env", async () => {
  using project = new TestProject(`venue: live({ baseUrl: "http://127.0.0.1:9" }), fleet: []`);
  assertRefusal(await project.run(["dev"]), "HF-API-KEY-MISSING", /Set PURPLEFLEA_API_KEY/u);
  project.folder.write(".env", "PURPLEFLEA_API_KEY=pf_test_0123456789abcdef\n");
  assertRefusal(await project.run(["dev"]), "HF-LIVE-KEY-MISSING", /is no live one/u);
});

test("an account whose key was lost waits for it: no order is refused, none is missed", async () => {
  const periods = 16;
  using project = new TestProject(`fleet: [${plan(periods)}]`);
  await using first = project.start(["dev"]);
  await first.until(/dca\/1/u);
  const path = project.files().find((name) => name.startsWith("secrets")) ?? "";
  const key = readFileSync(project.state(path));
  rmSync(project.state(path));
  // Each request looks the key up: the next call waits, and says for what.
  for (;;) {
    const { stdout } = await project.run(["run", "dca"]);
    if (stdout.includes("last failure HF-API-KEY-MISSING: ")) break;
    assert.match(stdout, /^dca is running/u);
  }
  first.kill("SIGKILL");
  await first.ended();
  assertRefusal(await project.run(["dev"]), "HF-API-KEY-LOST", /no longer among the secrets/u);
  writeFileSync(project.state(path), key);
  await using again = project.start(["dev"]);
  await again.until(/run dca .* is completed/u);
  again.kill("SIGINT");
  const { stdout } = await again.ended();
  assert.match(
    stdout,
    new RegExp(`^${periods + 2} effects for ${periods + 2} intents, 0 twice`, "mu"),
  );
});

test("a paper venue elsewhere that is not there is refused with what to do", async () => {
  using project = new TestProject(`venue: remote({ baseUrl: "http://127.0.0.1:9" })`);
  assertRefusal(
    await project.run(["dev"]),
    "HF-VENUE-UNREACHABLE",
    /"holdfast sandbox" in another/u,
  );
});

test("two definitions of one name are refused", async () => {
  using project = new TestProject(
    `workflows: [workflow({ name: "agents.dca", input: z.void(), output: z.void(), run: async () => undefined })], fleet: [${plan(1)}]`,
  );
  assertRefusal(await project.run(["dev"]), "HF-DEFINITION-DUPLICATE", /agents\.dca/u);
});
