// The casino in process: money, seeds and limits of bets, and that every settled bet plays again to what it was.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { type Usdc, usdc } from "@holdfast/core";
import { readClaim, verify } from "@holdfast/purpleflea/fair";
import { seededIdentities } from "../command/identity.ts";
import { createChance } from "../fixture/chance.ts";
import { type Body, type Desk, btc, deskOf, micros, openDesk } from "../fixture/desk.ts";
import { testFolder } from "../fixture/kit.ts";
import { createVenue } from "../venue.ts";
import { proofAnswer, seedAnswer } from "./answer.ts";
import type { WantedBet } from "./command.ts";
import { seedsOf } from "./seed.ts";

const ALL = process.env["HOLDFAST_TEST_ALL"] !== undefined;
/** All invariants are checked after each bet, which is linear in what was bet: the many are checked at the end. */
const BETS = ALL ? 20_000 : 300;

const script = btc(["60000"]);
const slots: WantedBet = { game: "slots" };

function place({ send }: Desk, bet: WantedBet, amount = "1", key?: string): Answered {
  const { status, body } = send({ operation: "bet", amount: usdc(amount), bet }, key);
  return { status, body };
}

interface Answered {
  readonly status: number;
  readonly body: Body;
}

const seeds = ({ venue, agent }: Desk): Body =>
  venue.look(agent, (context) => ({ ...seedAnswer(seedsOf(context)) }));

const proofs = ({ venue, agent }: Desk): readonly Body[] =>
  venue.look(agent, ({ store }) =>
    store.casino.bets(agent, 100_000).map((bet) => ({ ...proofAnswer(bet) })),
  );

const rotate = ({ send }: Desk, clientSeed?: string): Body =>
  send({ operation: "rotate-seed", clientSeed }).body;

function anyBet(chance: ReturnType<typeof createChance>): WantedBet {
  switch (chance.whole(4)) {
    case 0:
      return { game: "crash", cashOut: (101 + chance.whole(2_000)) / 100 };
    case 1:
      return { game: "coinflip", side: chance.pick(["heads", "tails"]) };
    case 2:
      return { game: "dice", target: 1 + chance.whole(99), over: chance.pick([true, false]) };
    default:
      return slots;
  }
}

describe("bet", () => {
  test(`T9 each of ${BETS} settled bets plays again to what it was, and the ledger has what they say`, async () => {
    using venue = openDesk(script, { verify: !ALL, casino: { coinPays: "house" } }).venue;
    const registered = venue.execute(
      { operation: "register", name: "b", description: "" },
      { agent: "" },
    );
    const desk = deskOf(venue, String(registered.body["agent_id"]));
    const chance = createChance("casino");
    const before = desk.available();
    let profit = 0n;
    for (let done = 0; done < BETS; done += 1) {
      if (chance.whole(20) === 0) rotate(desk, chance.whole(2) === 0 ? undefined : `mine-${done}`);
      const amount = (10_000n + (chance.magnitude(6) % 1_000_000n)) as Usdc;
      const { status, body } = desk.send({ operation: "bet", amount, bet: anyBet(chance) });
      assert.equal(status, 200, JSON.stringify(body));
      profit += micros(body, "pnl_micros");
      assert.equal(micros(body, "balance_micros"), desk.available());
    }
    rotate(desk);
    assert.equal(desk.available() - before, profit);
    venue.assertInvariants();
    const all = proofs(desk);
    assert.equal(all.length, BETS);
    for (const proof of all) {
      const verdict = await verify(readClaim(proof));
      assert.equal(verdict.checks.length, 4);
      assert.ok(verdict.agrees, JSON.stringify(proof));
    }
    assert.ok(new Set(all.map((proof) => proof["outcome"])).size === 2);
  });

  test("the same key is the same bet, and the nonce stays where it is", () => {
    const desk = openDesk(script);
    using venue = desk.venue;
    const first = place(desk, slots, "5", "decision-1");
    const balance = desk.available();
    const again = place(desk, slots, "5", "decision-1");
    assert.deepEqual(again.body, first.body);
    assert.equal(desk.available(), balance);
    assert.equal(seeds(desk)["nonce"], 1);
    assert.equal(place(desk, slots, "6", "decision-1").status, 422);
    assert.equal(
      place(desk, slots, "5", "decision-2").body["bet_id"] === first.body["bet_id"],
      false,
    );
    assert.equal(venue.audit().replays, 1);
  });

  test("a win is three postings, a loss is one, and each has its profit once", () => {
    const desk = openDesk(script);
    using venue = desk.venue;
    const outcomes = new Set<unknown>();
    for (let done = 0; outcomes.size < 2; done += 1) {
      const { body } = place(desk, { game: "coinflip", side: "heads" }, "3");
      outcomes.add(body["outcome"]);
      const rows = venue
        .transactions(desk.agent, 3)
        .filter(({ subject }) => subject === body["bet_id"]);
      const settled = rows.filter(({ outcome }) => outcome !== undefined);
      assert.deepEqual(
        settled.map(({ pnl_micros, outcome }) => [pnl_micros, outcome]),
        [[body["pnl_micros"], body["outcome"]]],
      );
      const kinds = rows.map(({ kind }) => kind);
      const won = ["bet-win", "stake-return", "stake"];
      assert.deepEqual(kinds, body["outcome"] === "win" ? won : ["bet-loss"]);
      assert.equal(sumOf(rows), micros(body, "pnl_micros"));
    }
  });

  test("a coin pays 2.00 as the guides reckon it, or 1.96 where the house says so", () => {
    for (const [coinPays, profit] of [
      ["seed", 1_000_000n],
      ["house", 960_000n],
    ] as const) {
      const desk = openDesk(script, { casino: { coinPays } });
      using _venue = desk.venue;
      let body = place(desk, { game: "coinflip", side: "tails" }).body;
      while (body["outcome"] !== "win")
        body = place(desk, { game: "coinflip", side: "tails" }).body;
      assert.equal(micros(body, "pnl_micros"), profit);
    }
  });

  test("refuses what is beyond the limits, with the limit, and plays nothing", () => {
    const desk = openDesk(script, { grant: usdc("20000"), casino: { payoutMax: usdc("5000") } });
    using venue = desk.venue;
    const refusals = [
      [place(desk, slots, "0.009999"), 422, "stake_too_small"],
      [place(desk, slots, "10000.000001"), 422, "stake_too_large"],
      [place(desk, slots, "5.000001"), 422, "payout_too_large"],
      [place(desk, { game: "crash", cashOut: 10_000 }, "0.51"), 422, "payout_too_large"],
    ] as const;
    for (const [{ status, body }, wanted, code] of refusals) {
      assert.deepEqual([status, body["code"]], [wanted, code]);
    }
    assert.equal(seeds(desk)["nonce"], 0);
    assert.equal(place(desk, slots, "5").status, 200);
    assert.equal(venue.effects({}, 0, 10).length, 2);
  });

  test("refuses a stake that the agent does not have", () => {
    const desk = openDesk(script, { grant: usdc("1") });
    using _venue = desk.venue;
    const { status, body } = place(desk, slots, "1.000001");
    assert.deepEqual(
      [status, body["code"], body["available_micros"]],
      [402, "insufficient_funds", "1000000"],
    );
    assert.equal(desk.available(), 1_000_000n);
  });
});

describe("seeds", () => {
  test("the hash of the next server seed is known before a client seed is chosen for it", () => {
    const desk = openDesk(script, { identitySeed: "test" });
    using _venue = desk.venue;
    const before = seeds(desk);
    assert.equal(before["client_seed"], desk.agent);
    place(desk, slots);
    const after = rotate(desk, "mine");
    assert.equal(after["server_seed_hash"], before["next_server_seed_hash"]);
    assert.deepEqual([after["client_seed"], after["nonce"]], ["mine", 0]);
    assert.deepEqual(after["revealed"], {
      server_seed: seededIdentities("test").serverSeed(`${desk.agent}/0`),
      server_seed_hash: before["server_seed_hash"],
      client_seed: desk.agent,
      bets: 1,
    });
    assert.equal(rotate(desk)["client_seed"], "mine");
  });

  test("nonces go up by one for each bet, and start anew with each seed", () => {
    const desk = openDesk(script);
    using _venue = desk.venue;
    const nonces = [0, 1, 2].map(() => nonceOf(place(desk, slots).body));
    rotate(desk);
    assert.deepEqual([...nonces, nonceOf(place(desk, slots).body)], [0, 1, 2, 0]);
  });

  test("two agents draw differently, and the same seed of the venue draws the same", () => {
    const draw = (): readonly unknown[] => {
      const desk = openDesk(script, { identitySeed: "one" });
      using venue = desk.venue;
      const other = venue.execute(
        { operation: "register", name: "b", description: "" },
        { agent: "" },
      );
      const second = deskOf(venue, String(other.body["agent_id"]));
      return [desk, second, desk].map(
        (one) => place(one, { game: "crash", cashOut: 2 }).body["result"],
      );
    };
    const first = draw();
    assert.deepEqual(draw(), first);
    assert.equal(new Set(first).size, 3);
  });

  test("random seeds are 256 bits, and lie in the file alone", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const shown: string[] = [];
    {
      const desk = openDesk(script, { path });
      using venue = desk.venue;
      venue.onEvents(() => undefined);
      shown.push(JSON.stringify([seeds(desk), place(desk, slots, "1", "k"), proofs(desk)]));
      shown.push(JSON.stringify([rotate(desk, "mine"), place(desk, slots), proofs(desk)]));
      shown.push(JSON.stringify([venue.effects({}, 0, 100), venue.transactions(desk.agent, 100)]));
      shown.push(JSON.stringify(venue.lookup(desk.agent, "k")));
    }
    using database = new DatabaseSync(path);
    shown.push(JSON.stringify(database.prepare("SELECT payload FROM outbox").all()));
    shown.push(JSON.stringify(database.prepare("SELECT body FROM command").all()));
    const kept = database.prepare("SELECT server_seed, state FROM casino_seed ORDER BY id").all();
    assert.deepEqual(
      kept.map(({ state }) => state),
      ["revealed", "active", "next"],
    );
    for (const { server_seed: seed, state } of kept) {
      assert.match(String(seed), /^[\da-f]{64}$/u);
      assert.equal(shown.join("").includes(String(seed)), state === "revealed", String(state));
    }
  });

  test("they and their nonces are as they were after a restart", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const first = openDesk(script, { path });
    const { agent } = first;
    place(first, slots);
    const before = seeds(first);
    first.venue[Symbol.dispose]();
    using venue = createVenue({ path, verify: true });
    assert.deepEqual(seeds(deskOf(venue, agent)), before);
    assert.equal(nonceOf(place(deskOf(venue, agent), slots).body), 1);
  });
});

const nonceOf = (body: Body): unknown => (body["proof"] as Body)["nonce"];

function sumOf(rows: readonly { readonly amount_micros: string }[]): bigint {
  return rows.reduce((sum, row) => sum + BigInt(row.amount_micros), 0n);
}

test("seeded identities make a server seed of a name, and another of another", () => {
  const identities = seededIdentities("x");
  assert.equal(identities.serverSeed("a/0"), seededIdentities("x").serverSeed("a/0"));
  assert.notEqual(identities.serverSeed("a/0"), identities.serverSeed("a/1"));
});
