// A state folder that is gone while the venue knows the agent: nothing is bought again before somebody has looked.

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { openSandbox } from "@holdfast/sandbox";
import { PlayedLiveVenue } from "../fixture/live-venue.ts";
import { TestProject, eventsOf, plan } from "../fixture/project.ts";

async function untilCompleted(
  project: TestProject,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  await using program = project.start(["dev", ...args], { env });
  await program.until(/run dca .* is completed/u);
  program.kill("SIGINT");
  const { code, stdout, stderr } = await program.ended();
  assert.equal(code, 0, stderr);
  return stdout + stderr;
}

test("at a venue elsewhere, a journal that is gone is noticed, shown, and begun anew only by decision", async () => {
  await using sandbox = await openSandbox({ path: ":memory:" });
  const nobody = createPurpleFlea({ baseUrl: sandbox.url });
  const { api_key: key, agent_id: agent } = await nobody.faucet.register(
    { name: "trader" },
    { key: "register" },
  );
  const env = { PURPLEFLEA_API_KEY: key };
  const own = createPurpleFlea({ baseUrl: sandbox.url, apiKey: key });
  await own.faucet.claim({ key: "claim" });
  const config = `venue: remote({ baseUrl: "${sandbox.url}" }), fleet: [${plan(2)}]`;
  using project = new TestProject(config);

  // A project that is really new: money has come in, nothing more.
  const first = await untilCompleted(project, [], env);
  assert.doesNotMatch(first, /HF-STATE-LOST/u);
  const { effects } = sandbox.venue.audit();

  rmSync(project.state(""), { recursive: true });
  for (let time = 0; time < 2; time += 1) {
    const refused = await project.run(["dev"], { env });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^HF-STATE-LOST$/mu);
    assert.match(refused.stderr, /Nothing was started/u);
    for (const line of [
      new RegExp(`^There is no journal in .*, but ${sandbox.url} knows who is to act`, "mu"),
      new RegExp(`^account default \\(agent ${agent}\\): open now: 2; what it did last: 4`, "mu"),
      /^ {2}open {2}position BTC-PERP long, .* USDC, .* ago \(pos_\S+\) for dca\//mu,
      /^ {2}did {3}margin -.* USDC of .* for dca\//mu,
      /second\nprocess with the same key looks the same from here/u,
    ]) {
      assert.match(refused.stdout, line);
    }
    assert.ok(!refused.stdout.includes(key) && !refused.stderr.includes(key));
    assert.ok(!existsSync(project.state("journal.sqlite")), "no journal was begun");
  }
  assert.equal(sandbox.venue.audit().effects, effects, "nothing was bought again");

  // A second machine with the same key cannot be told from it.
  using second = new TestProject(config);
  const other = await second.run(["serve", "--json"], { env });
  assert.equal(other.code, 1);
  const [shown] = eventsOf(other.stdout);
  assert.equal(shown?.event, "lost-state");
  assert.match(JSON.stringify(shown), /"ref":"dca\//u);

  const accepted = await untilCompleted(project, ["--accept-lost-state"], env);
  assert.match(accepted, /begun anew for account "default", as somebody has decided/u);
  const noted = JSON.parse(readFileSync(project.state("lost-state.json"), "utf8")) as {
    readonly sightings: readonly { readonly account: string }[];
  };
  assert.equal(noted.sightings[0]?.account, "default");
  assert.ok(sandbox.venue.audit().effects > effects, "it decides anew");
  // There is a journal now.
  const again = await project.run(["serve", "--for", "1s"], { env });
  assert.equal(again.code, 0, again.stderr);
});

for (const [profile, isPublic] of [
  ["guide", false],
  ["public-2026-03", true],
] as const) {
  test(`at a live venue with profile ${profile} it takes both decisions`, async () => {
    await using venue = await PlayedLiveVenue.open();
    venue.isPublic = isPublic;
    using project = new TestProject(
      `venue: live({ baseUrl: "${venue.url}", profile: "${profile}" }), fleet: [${plan(1)}]`,
    );
    const { apiKey } = await venue.register("trader");
    const env = { PURPLEFLEA_API_KEY: apiKey };
    await untilCompleted(project, ["--accept-live"], env);
    const { effects } = venue.sandbox.venue.audit();
    // The journal alone: the acceptance of real money is still there.
    for (const name of ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"])
      rmSync(project.state(name), { force: true });
    const refused = await project.run(["serve"], { env });
    assert.match(refused.stderr, /^HF-STATE-LOST$/mu);
    assert.match(refused.stdout, /^ {2}open {2}position BTC-PERP long/mu);
    // Who cannot be asked is not taken for somebody new.
    venue.isDown = true;
    const outage = await project.run(["serve"], { env });
    assert.equal(outage.code, 1);
    assert.match(outage.stderr, /^HF-VENUE-(?:NO-ANSWER|UNREACHABLE)$/mu);
    venue.isDown = false;
    assert.equal(venue.sandbox.venue.audit().effects, effects);

    rmSync(project.state(""), { recursive: true });
    const live = await project.run(["serve"], { env });
    assert.match(live.stderr, /^HF-LIVE-NOT-ACCEPTED$/mu);
    const half = await project.run(["serve", "--accept-live"], { env });
    assert.match(half.stderr, /^HF-STATE-LOST$/mu);
    const whole = await project.run(["serve", "--accept-lost-state", "--for", "1s"], { env });
    assert.equal(whole.code, 0, whole.stderr);
  });
}
