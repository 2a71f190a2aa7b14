// `breakers` as a user meets it: what there is, a person's word on one, and what doctor and the journal say of it then.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { BreakerState } from "@holdfast/core";
import { TestProject, plan } from "../fixture/project.ts";

test("breakers are listed, held open with a reason, seen when nobody runs, and let decide again", async () => {
  using project = new TestProject(
    `policies: { purpleflea: { concurrency: 4 } }, fleet: [${plan(5_000)}],`,
  );
  const list = async (): Promise<ReadonlyMap<string, BreakerState>> => {
    const { breakers } = JSON.parse((await project.run(["breakers", "--json"])).stdout) as {
      readonly breakers: readonly BreakerState[];
    };
    return new Map(breakers.map((state) => [state.name, state]));
  };
  {
    await using program = project.start(["serve"]);
    await program.until(/Stop with Ctrl-C/u);
    assert.equal((await list()).get("purpleflea/write")?.mode, "closed");
    const typo = await project.run(["breakers", "open", "purpleflea/wirte", "--reason", "x"]);
    assert.notEqual(typo.code, 0);
    assert.match(
      typo.stderr,
      /there is purpleflea\/read, purpleflea\/write\.\nHF-BREAKER-UNKNOWN/u,
    );
    const held = await project.run([
      "breakers",
      "open",
      "purpleflea/write",
      "--reason",
      "maintenance",
      "--actor",
      "ann",
    ]);
    assert.deepEqual([held.code, held.stderr], [0, ""]);
    assert.match(held.stdout, /purpleflea\/write: held open/u);
    await program.until(/Breaker "purpleflea\/write" is open by ann: maintenance/u);
    const shown = await project.run(["breakers"]);
    assert.match(shown.stdout, /purpleflea\/write +open \(held\).*ann: maintenance/u);
    program.kill("SIGKILL");
    await program.ended();
  }
  const kept = (await list()).get("purpleflea/write");
  assert.deepEqual(kept?.forced, { actor: "ann", reason: "maintenance" });
  const doctor = await project.run(["doctor"]);
  assert.match(
    doctor.stdout,
    /warn +breakers: purpleflea\/write is open, held by ann: maintenance/u,
  );
  await using program = project.start(["serve"]);
  await program.until(/Stop with Ctrl-C/u);
  const auto = await project.run(["breakers", "auto", "purpleflea/write", "--reason", "over"]);
  assert.equal(auto.code, 0);
  assert.equal((await list()).get("purpleflea/write")?.mode, "closed");
});

test("policies that contradict themselves are refused at load, with each reason", async () => {
  using project = new TestProject(
    `policies: { purpelflea: {}, purpleflea: { burst: 2, breaker: { failures: 0 } } } as never,`,
  );
  const { code, stderr } = await project.run(["serve"]);
  assert.notEqual(code, 0);
  assert.match(stderr, /policies\.purpelflea: no resource with a venue has this name/u);
  assert.match(stderr, /policies\.purpleflea\.burst says nothing without perSecond/u);
  assert.match(stderr, /policies\.purpleflea\.breaker\.failures must be a whole number/u);
});
