// Going live, at a paper venue that plays a live one: nothing is ordered before somebody has accepted what was
// shown, and environments never share a state folder.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { PlayedLiveVenue } from "../fixture/live-venue.ts";
import type { Ended } from "../fixture/program.ts";
import { TestProject, eventsOf, plan } from "../fixture/project.ts";

function assertRefused({ code, stderr }: Ended, expected: string): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`^${expected}$`, "mu"));
  assert.match(stderr, /^error (?:Cannot|The venue) /mu);
}

const configured = (url: string, more = ""): string =>
  `venue: live({ baseUrl: "${url}"${more} }), fleet: [${plan(2)}]`;

describe("preflight", () => {
  test("the first start on a live venue shows what it would act with, and orders nothing unaccepted", async () => {
    await using venue = await PlayedLiveVenue.open();
    using project = new TestProject(configured(venue.url));
    const { id, apiKey } = await venue.register("trader");
    const env = { PURPLEFLEA_API_KEY: apiKey };
    const registered = venue.sandbox.venue.audit().effects;

    const refused = await project.run(["dev"], { env });
    assertRefused(refused, "HF-LIVE-NOT-ACCEPTED");
    for (const line of [
      new RegExp(`^live venue    ${venue.url} \\(profile guide\\)$`, "mu"),
      new RegExp(
        `^account       default: agent ${id}, 10000.00 USDC available, 0.00 held, 0 open`,
        "mu",
      ),
      /^idempotency   keys are honoured \(header\) for 1 d$/mu,
      /^look-up       no: what became of a key cannot be asked$/mu,
      /^stream        yes, webhooks no$/mu,
      /^limits        a request may be carried out up to .* late$/mu,
      /^spending      NO LIMIT: nothing bounds what the agents spend/mu,
      /^starts        dca \(agents\.dca, account default\): .*"25\.00"/mu,
    ]) {
      assert.match(refused.stdout, line);
    }
    assert.ok(!refused.stdout.includes(apiKey) && !refused.stderr.includes(apiKey));
    const piped = await project.run(["serve", "--json"], { env });
    assertRefused(piped, "HF-LIVE-NOT-ACCEPTED");
    const [sheet] = eventsOf(piped.stdout);
    assert.deepEqual([sheet?.event, sheet?.["venue"]], ["preflight", venue.url]);
    assert.equal(venue.sandbox.venue.audit().effects, registered);
    assert.ok(!existsSync(project.state("journal.sqlite")), "no journal was opened");

    await using program = project.start(["dev", "--accept-live"], { env });
    await program.until(/run dca .* is completed/u);
    program.kill("SIGINT");
    await program.ended();
    assert.equal(venue.sandbox.venue.audit().effects, registered + 2);
  });

  test("what bounds spending is shown, and where nothing does, each start says so", async () => {
    await using venue = await PlayedLiveVenue.open();
    let agents = 0;
    const unbounded = /^warn: Nothing bounds what agents spend at this live venue: (.*)\. See/mu;
    const started = async (guard: string): Promise<Ended> => {
      using project = new TestProject(configured(venue.url).replace("fleet: ", `${guard} fleet: `));
      // Each has an agent of its own: one that has acted before would be asked for its journal.
      const { apiKey } = await venue.register(`trader-${(agents += 1)}`);
      const env = { PURPLEFLEA_API_KEY: apiKey };
      const ended = await project.run(["serve", "--accept-live", "--for", "1s"], { env });
      assert.equal(ended.code, 0, ended.stderr);
      return ended;
    };
    assert.equal(unbounded.exec((await started("")).stderr)?.[1], "this project has no guard");
    const none = await started('guard: guard({ budgets: "none" }),');
    assert.equal(unbounded.exec(none.stderr)?.[1], 'its guard says budgets: "none"');
    const budget = '{ per: "agent", span: "day", limit: "50.00" }';
    const bounded = await started(`guard: guard({ budgets: [${budget}] }),`);
    assert.equal(unbounded.exec(bounded.stderr), null);
    assert.match(bounded.stdout, /^spending {6}agent\/day 50\.00 USDC$/mu);
  });

  test("an acceptance is remembered, also in an outage, and is that of one agent and profile", async () => {
    await using venue = await PlayedLiveVenue.open();
    using project = new TestProject(configured(venue.url));
    const trader = await venue.register("trader");
    const env = { PURPLEFLEA_API_KEY: trader.apiKey };
    const accepted = await project.run(["serve", "--accept-live", "--for", "1s"], { env });
    assert.equal(accepted.code, 0, accepted.stderr);
    const again = await project.run(["serve", "--for", "1s"], { env });
    assert.equal(again.code, 0, again.stderr);
    assert.ok(!again.stdout.includes("live venue    "));
    venue.isDown = true;
    const outage = await project.run(["serve", "--for", "1s"], { env });
    assert.equal(outage.code, 0, outage.stderr);
    assert.match(outage.stderr, /^warn: Cannot ask the live venue whose the key/mu);
    venue.isDown = false;
    const other = await venue.register("other");
    const stranger = { PURPLEFLEA_API_KEY: other.apiKey };
    assertRefused(await project.run(["serve"], { env: stranger }), "HF-LIVE-NOT-ACCEPTED");
    venue.isPublic = true;
    project.configure(configured(venue.url, `, profile: "public-2026-03"`));
    const weaker = await project.run(["serve"], { env });
    assertRefused(weaker, "HF-LIVE-NOT-ACCEPTED");
    assert.match(weaker.stdout, /^idempotency   no: the venue honours no keys/mu);
  });

  test("a live venue that does not answer cannot be accepted", async () => {
    await using venue = await PlayedLiveVenue.open();
    using project = new TestProject(configured(venue.url));
    const { apiKey } = await venue.register("trader");
    venue.isDown = true;
    const env = { PURPLEFLEA_API_KEY: apiKey };
    const ended = await project.run(["dev", "--accept-live"], { env });
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^HF-VENUE-NO-ANSWER$/mu);
    assert.ok(!existsSync(project.state("live-accepted.json")));
  });
});

test("venue commands act at the live venue of the configuration, with a live key only", async () => {
  await using venue = await PlayedLiveVenue.open();
  using project = new TestProject(configured(venue.url));
  const { id, apiKey } = await venue.register("trader");
  assertRefused(await project.run(["venue", "balance"]), "HF-API-KEY-MISSING");
  const paper = { PURPLEFLEA_API_KEY: "pf_test_0123456789abcdef" };
  assertRefused(await project.run(["venue", "balance"], { env: paper }), "HF-LIVE-KEY-MISSING");
  const env = { PURPLEFLEA_API_KEY: apiKey };
  const { stdout } = await project.run(["venue", "balance", "--json"], { env });
  const balance = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  assert.deepEqual([balance["mode"], balance["agent"]], ["live", id]);
  venue.sandbox.faults.add({ kind: "drop", when: "after", operations: ["close-all"], count: 1 });
  const closing = ["venue", "close-all", "--yes", "--json"];
  const lost = await project.run(closing, { env });
  assertRefused(lost, "HF-VENUE-NO-ANSWER");
  const [, key = ""] = /with --key (\S+) does not act twice/u.exec(lost.stderr) ?? [];
  const again = await project.run([...closing, "--key", key], { env });
  assert.equal(again.code, 0, again.stderr);
  const closed = venue.sandbox.venue
    .effects({}, 0, 100)
    .filter(({ operation }) => operation === "close-all");
  assert.equal(closed.length, 1);
});

describe("--env", () => {
  const chosen = `venue: process.env.HOLDFAST_ENV === "live" ? live({ baseUrl: "http://127.0.0.1:9" }) : paper(),
    workflows: testWorkflows, fleet: [${plan(1)}]`;

  test("gives each environment a state folder and variables of its own", async () => {
    using project = new TestProject(chosen);
    await using program = project.start(["dev", "--env", "paper-2"]);
    await program.until(/run dca .* is completed/u);
    assert.ok(existsSync(project.state("envs/paper-2/journal.sqlite")));
    assert.ok(!existsSync(project.state("journal.sqlite")));
    const runs = await project.run(["runs", "--env", "paper-2", "--json"]);
    assert.equal(runs.code, 0, runs.stderr);
    assert.match(runs.stdout, /"id": "dca"/u);
    const started = await project.run(["start", "test.gate", "--id", "g1", "--env", "paper-2"]);
    assert.equal(started.stdout, "Started run g1.\n", started.stderr);
    // The variable chooses as the option does.
    const env = { HOLDFAST_ENV: "paper-2" };
    const balance = await project.run(["venue", "balance", "--json"], { env });
    assert.match(balance.stdout, /"mode": "paper"/u);
    assertRefused(await project.run(["runs"]), "HF-NOT-RUNNING");
    // Each has its own file of variables; a paper key is never used live.
    project.folder.write(".env", "PURPLEFLEA_API_KEY=pf_test_0123456789abcdef\n");
    assertRefused(await project.run(["dev", "--env", "live"]), "HF-LIVE-KEY-MISSING");
    project.folder.write(".env.live", "PURPLEFLEA_API_KEY=pf_live_0123456789abcdef\n");
    assertRefused(await project.run(["dev", "--env", "live"]), "HF-VENUE-NO-ANSWER");
  });

  test("refuses a name that is none, and a state folder beside it", async () => {
    using project = new TestProject(chosen);
    assertRefused(await project.run(["dev", "--env", "../other"]), "HF-ENV-INVALID");
    assertRefused(await project.run(["runs", "--env", "a", "--state", "b"]), "HF-ENV-INVALID");
    assertRefused(await project.run(["dev"], { env: { HOLDFAST_ENV: "LIVE" } }), "HF-ENV-INVALID");
  });

  test("a state folder belongs to one venue and mode, and refuses another before anything is asked", async () => {
    await using venue = await PlayedLiveVenue.open();
    using project = new TestProject(`fleet: []`);
    const paper = await project.run(["dev", "--for", "1s"]);
    assert.equal(paper.code, 0, paper.stderr);
    project.configure(configured(venue.url));
    const { apiKey } = await venue.register("trader");
    const env = { PURPLEFLEA_API_KEY: apiKey };
    for (const command of [
      ["dev", "--accept-live"],
      ["venue", "balance"],
    ]) {
      const mixed = await project.run(command, { env });
      assertRefused(mixed, "HF-VENUE-MISMATCH");
      assert.match(mixed.stderr, /for the live venue .* belongs to the paper venue in the folder/u);
    }
    // The other way round, too, and where somebody has written nonsense into the file.
    const live = await project.run(["serve", "--accept-live", "--for", "1s", "--state", "live"], {
      env,
    });
    assert.equal(live.code, 0, live.stderr);
    for (const command of ["dev", "sandbox"]) {
      project.configure(`fleet: []`);
      assertRefused(await project.run([command, "--state", "live"]), "HF-VENUE-MISMATCH");
    }
    const file = project.folder.join("live", "venue.json");
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), { mode: "live", url: venue.url });
    writeFileSync(file, "{");
    assertRefused(await project.run(["dev", "--state", "live"]), "HF-VENUE-MISMATCH");
  });
});
