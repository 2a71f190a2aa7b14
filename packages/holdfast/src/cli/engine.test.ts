// `engine drain` and `engine move` as a user meets them, as far as one machine goes: starts are refused, what is open is
// listed, and nothing is moved to nowhere. test/cluster-move.test.ts moves to a real cluster.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TestProject, plan } from "../fixture/project.ts";

const START = [
  "start",
  "agents.dca",
  '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"1w","periods":1}',
  "--id",
] as const;

interface Report {
  readonly drained?: { readonly actor: string; readonly reason: string };
  readonly open: readonly { readonly id: string; readonly stays: readonly string[] }[];
}

test("engine drain takes no new starts, lists what is open, and holds until it is undone", async () => {
  using project = new TestProject(`fleet: [${plan(5_000)}],`);
  const report = async (...more: readonly string[]): Promise<Report> =>
    JSON.parse((await project.run(["engine", "drain", "--json", ...more])).stdout) as Report;
  {
    await using program = project.start(["serve"]);
    await program.until(/Stop with Ctrl-C/u);
    const drained = await project.run(["engine", "drain", "--reason", "to the cluster"]);
    assert.deepEqual([drained.code, drained.stderr], [0, ""]);
    assert.match(drained.stdout, /No new starts since .*to the cluster/u);
    assert.match(drained.stdout, /Namespace of the keys: ns_/u);
    const refused = await project.run([...START, "other"]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /HF-ENGINE-DRAINED/u);
    program.kill("SIGKILL");
    await program.ended();
  }
  // Nobody runs it: the journal says the same.
  assert.equal((await report()).drained?.reason, "to the cluster");
  {
    project.configure(`fleet: [${plan(5_000)}, ${plan(2, "late")}],`);
    await using program = project.start(["serve"]);
    // What is new in the fleet is not started, and what runs goes on.
    await program.until(/HF-ENGINE-DRAINED|Cannot start run "late"/u);
    const { open, drained } = await report();
    assert.deepEqual(
      open.map(({ id, stays }) => [id, stays]),
      [["dca", []]],
    );
    assert.equal(drained?.reason, "to the cluster");
    assert.equal((await report("--undo")).drained, undefined);
    assert.equal((await project.run([...START, "other"])).code, 0);
  }
});

test("engine move says what is missing, and changes nothing", async () => {
  using project = new TestProject(`fleet: [${plan(5_000)}],`);
  await using program = project.start(["serve"]);
  await program.until(/Stop with Ctrl-C/u);
  const nowhere = await project.run(["engine", "move"]);
  assert.notEqual(nowhere.code, 0);
  assert.match(nowhere.stderr, /HF-MOVE-NOWHERE/u);
  assert.equal((await project.run([...START, "other"])).code, 0);
});

test("engine drain says where there is nothing to drain", async () => {
  using project = new TestProject();
  const none = await project.run(["engine", "drain"]);
  assert.notEqual(none.code, 0);
  assert.match(none.stderr, /HF-NOT-RUNNING/u);
});
