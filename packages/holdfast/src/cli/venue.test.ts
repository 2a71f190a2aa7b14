// `holdfast venue`: what a person does at the venue by hand, beside the running process and at an address. Every
// deed happens once under its key, and no API key is ever printed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { openSandbox } from "@holdfast/sandbox";
import type { Ended, Program } from "../fixture/program.ts";
import { TestProject, plan } from "../fixture/project.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Prints JSON and ends well. */
async function shown(project: TestProject, args: readonly string[], env = {}): Promise<Fields> {
  const { code, stdout, stderr } = await project.run(["venue", ...args, "--json"], { env });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return JSON.parse(stdout) as Fields;
}

async function refused(project: TestProject, args: readonly string[], env = {}): Promise<Ended> {
  const ended = await project.run(["venue", ...args], { env });
  assert.equal(ended.code, 1, ended.stdout);
  assert.equal(ended.stdout, "");
  assert.match(ended.stderr, /^error (?:Cannot|The venue) /mu);
  assert.match(ended.stderr, /^More: docs\/reference\/errors\//mu);
  return ended;
}

describe("venue commands beside a running process", () => {
  const project = new TestProject(`fleet: [${plan(2)}]`);
  let program: Program;
  before(async () => {
    program = project.start(["dev"]);
    await program.until(/run dca .* is completed/u);
  });
  after(async () => {
    await program[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });

  test("balance and positions show the account, for people and for programs", async () => {
    const balance = await shown(project, ["balance"]);
    assert.equal(balance["mode"], "paper");
    assert.match(String(balance["agent"]), /^agent_/u);
    assert.match(String(balance["available"]), /^99[45]\d\.\d+$/u);
    const { positions } = await shown(project, ["positions"]);
    assert.equal((positions as Fields[]).length, 2);
    assert.equal((positions as Fields[])[0]?.["symbol"], "BTC-PERP");
    const people = await project.run(["venue", "balance"]);
    assert.match(people.stdout, /^account default \(agent agent_\w+\) at the paper venue http/u);
    const list = await project.run(["venue", "positions"]);
    assert.match(list.stdout, /^id +symbol +side .*\npos_\w+ +BTC-PERP +long/u);
  });

  test("close-all wants a word in a pipe, and closes once under one key", async () => {
    const unsaid = await refused(project, ["close-all"]);
    assert.match(unsaid.stderr, /^HF-NOT-CONFIRMED$/mu);
    assert.equal(((await shown(project, ["positions"]))["positions"] as []).length, 2);
    const once = await shown(project, ["close-all", "--yes", "--key", "evening"]);
    assert.equal((once["closed"] as []).length, 2);
    assert.equal(once["key"], "evening");
    assert.equal(((await shown(project, ["positions"]))["positions"] as []).length, 0);
    // The same command with the same key is the same deed: it shows what was closed, and closes nothing.
    assert.deepEqual(await shown(project, ["close-all", "--yes", "--key", "evening"]), once);
    const anew = await shown(project, ["close-all", "--yes"]);
    assert.deepEqual(anew["closed"], []);
  });

  test("claim is refused while the faucet waits, and register while the account has a key", async () => {
    const early = await refused(project, ["claim"]);
    assert.match(early.stderr, /^HF-VENUE-THROTTLED$/mu);
    const again = await refused(project, ["register"]);
    assert.match(again.stderr, /has an API key already, among the secrets/u);
    assert.match(again.stderr, /^HF-ACCOUNT-REGISTERED$/mu);
  });

  test("an account that the project does not have is refused", async () => {
    const ended = await refused(project, ["balance", "--account", "nobody"]);
    assert.match(ended.stderr, /the project has default\./u);
  });
});

test("venue commands register an agent at an address, once, and keep its key to themselves", async () => {
  await using sandbox = await openSandbox({ path: ":memory:" });
  using project = new TestProject();
  const at = ["--url", sandbox.url];
  const none = await refused(project, ["balance", ...at]);
  assert.match(none.stderr, /"holdfast venue register"/u);
  // The answer is lost: the next command finishes what this one began, under its key.
  sandbox.faults.add({ kind: "drop", when: "after", operations: ["register"], count: 1 });
  await refused(project, ["register", ...at, "--name", "by-hand"]);
  const registered = await shown(project, ["register", ...at]);
  assert.equal(registered["grant"], "10000.00");
  const { effects } = sandbox.venue.audit();
  assert.equal(effects, 1);
  const balance = await shown(project, ["balance", ...at]);
  assert.equal(balance["agent"], registered["agent"]);
  const claimed = await shown(project, ["claim", ...at, "--key", "c"]);
  assert.equal(claimed["amount"], "1.00");
  assert.deepEqual(await shown(project, ["claim", ...at, "--key", "c"]), claimed);
  const name = project.files().find((path) => path.startsWith("secrets")) ?? "";
  const apiKey = readFileSync(project.state(name), "utf8");
  assert.match(apiKey, /^pf_test_/u);
  assert.ok(!JSON.stringify([registered, balance, claimed]).includes(apiKey));
  // The folder is that venue's now: the paper venue of its own does not share it.
  const dev = await project.run(["dev", "--for", "1s"]);
  assert.match(dev.stderr, /^HF-VENUE-MISMATCH$/mu);
  assert.match(dev.stderr, /belongs to the paper venue http.*--env/u);
});

test("the key of the environment wins, and a live one is refused at a paper venue", async () => {
  await using sandbox = await openSandbox({ path: ":memory:" });
  using project = new TestProject();
  const nobody = createPurpleFlea({ baseUrl: sandbox.url });
  const agent = await nobody.faucet.register({ name: "a" }, { key: "a" });
  const at = ["--url", sandbox.url];
  const env = { PURPLEFLEA_API_KEY: agent.api_key };
  assert.equal((await shown(project, ["balance", ...at], env))["agent"], agent.agent_id);
  const live = { PURPLEFLEA_API_KEY: "pf_live_0123456789abcdef" };
  const ended = await refused(project, ["balance", ...at], live);
  assert.match(ended.stderr, /^HF-LIVE-KEY$/mu);
});

test("without a paper venue that runs, a venue command says how to start one", async () => {
  using project = new TestProject(`fleet: []`);
  const ended = await refused(project, ["balance"]);
  assert.match(ended.stderr, /none has run there\. Start one with "holdfast dev"/u);
  assert.throws(() => project.files(), /ENOENT/u, "looking makes no folder");
});

describe("venue change", () => {
  const project = new TestProject(`workflows: testWorkflows`);
  let program: Program;
  let other: { readonly agent_id: string; readonly api_key: string };
  before(async () => {
    program = project.start(["dev"]);
    const [, url = ""] = await program.until(/^venue (http\S+) \(paper\)$/mu);
    await program.until(/open-agent\/default .* is completed/u);
    const nobody = createPurpleFlea({ baseUrl: url });
    other = await nobody.faucet.register({ name: "other" }, { key: "other" });
  });
  after(async () => {
    await program[Symbol.asyncDispose]();
    project[Symbol.dispose]();
  });
  const from = ["change", "--new-key-from", "NEW_KEY"];
  const ownKey = (): string => {
    const name = project.files().find((path) => path.startsWith("secrets")) ?? "";
    return readFileSync(project.state(name), "utf8");
  };

  test("refuses a key that the venue does not know, a live one, and none", async () => {
    const before = ownKey();
    const unknown = await refused(project, from, { NEW_KEY: "pf_test_unknown0123456789" });
    assert.match(unknown.stderr, /^HF-API-KEY-UNKNOWN$/mu);
    assert.ok(!unknown.stderr.includes("unknown0123456789"));
    const live = await refused(project, from, { NEW_KEY: "pf_live_0123456789abcdef" });
    assert.match(live.stderr, /^HF-LIVE-KEY$/mu);
    assert.match((await refused(project, from)).stderr, /NEW_KEY is empty/u);
    assert.match((await refused(project, ["change"])).stderr, /no new one was given/u);
    assert.equal(ownKey(), before);
  });

  test("refuses another agent's key, also when it is said, while runs are open", async () => {
    const env = { NEW_KEY: other.api_key };
    const unsaid = await refused(project, from, env);
    assert.match(unsaid.stderr, /^HF-AGENT-MISMATCH$/mu);
    assert.match(unsaid.stderr, /say --other-agent/u);
    await project.run(["start", "test.gate", "--id", "g1"]);
    const open = await refused(project, [...from, "--other-agent"], env);
    assert.match(open.stderr, /run "g1" is open/u);
    await project.run(["terminate", "g1", "--reason", "done"]);
    const changed = await shown(project, [...from, "--other-agent"], env);
    assert.equal(changed["agent"], other.agent_id);
    assert.equal(ownKey(), other.api_key);
    assert.equal((await shown(project, ["balance"]))["agent"], other.agent_id);
  });

  test("takes a new key of the same agent, and says when the environment's would win", async () => {
    const same = await shown(project, from, { NEW_KEY: other.api_key });
    assert.equal(same["before"], same["agent"]);
    const env = { NEW_KEY: other.api_key, PURPLEFLEA_API_KEY: other.api_key };
    const elsewhere = await refused(project, from, env);
    assert.match(elsewhere.stderr, /^HF-KEY-ELSEWHERE$/mu);
  });
});
