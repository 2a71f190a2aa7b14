// The casino over HTTP: the guides' bets, body for body, what they read of the answers, the way from commit to
// proof, the client, and the activity.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import { casinoBet, createPurpleFlea } from "@holdfast/purpleflea";
import { readClaim, verify } from "@holdfast/purpleflea/fair";
import {
  BetProofResponse,
  BetResponse,
  BetsResponse,
  FairnessSeedResponse,
  RotateResponse,
} from "@holdfast/purpleflea/wire";
import { type Answer, call, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { attemptOf } from "../fixture/attempt.ts";

/** What every answer to a bet has, and that its numbers are those of its exact amounts. */
function settled({ status, text }: Answer): ReturnType<typeof BetResponse.parse> {
  assert.equal(status, 200, text);
  const bet = BetResponse.parse(JSON.parse(text));
  assert.equal(bet.trade_id, bet.bet_id);
  assert.equal(bet.pnl_micros, bet.payout_micros - bet.amount_micros);
  assert.equal(bet.pnl_usdc, Number(bet.pnl_micros) / 1e6);
  assert.equal(bet.new_balance, Number(bet.balance_micros) / 1e6);
  assert.equal(bet.outcome === "win", bet.pnl_micros > 0n);
  return bet;
}

describe("the guides' bets", () => {
  test("the first guide's path takes every game, and answers with the balance", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const bets = [
      ["crash", { game: "crash", amount_usd: 5, params: { auto_cashout: 1.5 } }],
      ["coinflip", { game: "coin flip", amount_usd: 5, params: { side: "heads" } }],
      ["dice", { game: "dice", amount_usd: 5, params: { target: 50, over: true } }],
      ["slots", { game: "slots", amount_usd: 5, params: {} }],
    ] as const;
    for (const [game, body] of bets) {
      const id = { client_request_id: `wf-1/${game}` };
      const bet = settled(await agent.post("/api/v1/casino/bet", { ...body, ...id }));
      assert.equal(bet.game, game);
      const again = settled(await agent.post("/api/v1/casino/bet", { ...body, ...id }));
      assert.equal(again.bet_id, bet.bet_id);
    }
    assert.equal((await agent.get("/casino/api/bets")).body.bets.length, 4);
  });

  test("the third and fourth guides' paths, with their bodies as they are", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const headers = { "x-agent-id": agent.id };
    const crash = settled(
      await agent.post("/casino/api/crash/bet", { amount: 2.5, auto_cashout: 1.5 }, headers),
    );
    assert.equal(typeof crash.crash_at, "number");
    assert.equal(crash.outcome === "win", (crash.crash_at ?? 0) >= 1.5);
    const coin = settled(
      await agent.post("/casino/api/coinflip/bet", { amount: 1.0, side: "tails" }, headers),
    );
    assert.equal(coin.outcome === "win", coin.result === "tails");
    const dice = settled(
      await agent.post("/casino/api/dice/roll", { amount: 0.33, target: 50, over: true }, headers),
    );
    assert.equal(dice.payout_multiplier, 1.9603);
    assert.equal(dice.outcome === "win", (dice.roll ?? 0) > 50);
    const slots = settled(await agent.post("/casino/api/slots/spin", { amount: 1 }, headers));
    assert.equal(slots.reels?.length, 3);
    const rows = (await agent.get("/api/wallet/transactions?limit=50")).body.transactions;
    const shown = rows.filter(({ outcome }) => outcome === "win" || outcome === "loss");
    assert.equal(shown.length, 4);
  });

  test("one key is one bet, whichever of the carriers brings it", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const body = { amount: 1, auto_cashout: 2 };
    const one = await agent.post("/casino/api/crash/bet", body, { "idempotency-key": "k" });
    const two = await agent.post("/casino/api/crash/bet", body, { "idempotency-key": "k" });
    assert.equal(two.text, one.text);
    assert.equal(two.headers.get("idempotent-replayed"), "true");
    const v1 = { game: "crash", amount_usd: "1.00", params: { auto_cashout: "2" } };
    const three = await agent.post("/api/v1/casino/bet", { ...v1, idempotency_key: "k" });
    assert.deepEqual([three.status, three.body.bet_id], [409, one.body.bet_id]);
    const found = await agent.get("/api/idempotency/k");
    assert.deepEqual([found.body.state, found.body.operation], ["done", "bet"]);
  });

  test("refuses what is no bet, naming the field", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const wrong = [
      ["/casino/api/crash/bet", { amount: 1, auto_cashout: 1 }, "auto_cashout"],
      ["/casino/api/crash/bet", { amount: 1, auto_cashout: 10_000.01 }, "auto_cashout"],
      ["/casino/api/crash/bet", { amount: 1, auto_cashout: 1.005 }, "auto_cashout"],
      ["/casino/api/crash/bet", { amount: 0, auto_cashout: 2 }, "amount"],
      ["/casino/api/dice/roll", { amount: 1, target: 0.5, over: true }, "target"],
      ["/casino/api/dice/roll", { amount: 1, target: 100 }, "target"],
      ["/casino/api/dice/roll", { amount: 1, target: 50, over: "yes" }, "over"],
      ["/casino/api/coinflip/bet", { amount: 1, side: "edge" }, "side"],
      ["/casino/api/slots/spin", {}, "amount"],
      ["/api/v1/casino/bet", { game: "roulette", amount_usd: 1, params: {} }, "game"],
      ["/api/v1/casino/bet", { game: "crash", amount_usd: 1, params: {} }, "params.auto_cashout"],
      ["/casino/api/fairness/rotate", { client_seed: "a b" }, "client_seed"],
      ["/casino/api/fairness/rotate", { client_seed: "x".repeat(65) }, "client_seed"],
    ] as const;
    for (const [path, body, field] of wrong) {
      const { status, body: problem } = await agent.post(path, body);
      assert.deepEqual([status, problem.code], [422, "invalid_request"], path);
      assert.ok(problem.problems[0]?.startsWith(`${field}:`), problem.problems[0]);
    }
    const low = await agent.post("/casino/api/slots/spin", { amount: 0.001 });
    assert.deepEqual([low.status, low.body.code], [422, "stake_too_small"]);
    const more = await agent.post("/casino/api/slots/spin", { amount: 10_000 });
    assert.deepEqual([more.status, more.body.code], [422, "payout_too_large"]);
    assert.equal(FairnessSeedResponse.parse((await seed(agent)).body).nonce, 0);
  });
});

const seed = (agent: { get(path: string): Promise<Answer> }): Promise<Answer> =>
  agent.get("/casino/api/fairness/seed");

describe("commit, bet, reveal, verify", () => {
  test("goes from a published hash to a proof that anybody can check", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const before = FairnessSeedResponse.parse((await seed(agent)).body);
    const first = { client_seed: "mine" };
    const ready = RotateResponse.parse(
      (await agent.post("/casino/api/fairness/rotate", first)).body,
    );
    assert.equal(ready.server_seed_hash, before.next_server_seed_hash);
    const bet = settled(
      await agent.post("/casino/api/crash/bet", { amount: 10, auto_cashout: 1.23 }),
    );
    assert.deepEqual(bet.proof, {
      server_seed_hash: ready.server_seed_hash,
      client_seed: "mine",
      nonce: 0,
    });
    const path = `/casino/api/bets/${bet.bet_id}/proof`;
    const hidden = BetProofResponse.parse((await agent.get(path)).body);
    assert.equal(hidden.server_seed, null);
    const check = `${sandbox.url}/casino/api/fairness/verify`;
    assert.equal((await call(check, { body: hidden })).status, 422);

    await agent.post("/casino/api/fairness/rotate");
    const proof = BetProofResponse.parse((await agent.get(path)).body);
    assert.deepEqual(proof, { ...hidden, server_seed: proof.server_seed });
    assert.equal((await verify(readClaim(proof))).agrees, true);
    const checked = JSON.parse((await call(check, { body: proof })).text) as Checked;
    assert.deepEqual([checked.agrees, checked.checks.length], [true, 4]);
    assert.equal(checked.result, bet.result);
    const lie = { ...proof, outcome: proof.outcome === "win" ? "loss" : "win" };
    assert.equal((JSON.parse((await call(check, { body: lie })).text) as Checked).agrees, false);
  });

  interface Checked {
    readonly agrees: boolean;
    readonly checks: readonly unknown[];
    readonly result: string;
  }

  test("shows a bet to its own agent only", async () => {
    await using sandbox = await openTestSandbox();
    const [agent, other] = [await registerAgent(sandbox, "a"), await registerAgent(sandbox, "b")];
    const { bet_id: id } = settled(await agent.post("/casino/api/slots/spin", { amount: 1 }));
    const { status, body } = await other.get(`/casino/api/bets/${id}/proof`);
    assert.deepEqual([status, body.code], [404, "unknown_bet"]);
    assert.deepEqual((await other.get("/casino/api/bets")).body.bets, []);
    assert.equal(BetsResponse.parse((await agent.get("/casino/api/bets")).body).bets.length, 1);
    assert.equal((await call(`${sandbox.url}/casino/api/bets`)).status, 401);
  });

  test("says its limits and what each game returns to anybody", async () => {
    await using sandbox = await openTestSandbox({ casino: { coinPays: "house" } });
    const games = JSON.parse((await call(`${sandbox.url}/casino/api/games`)).text) as {
      readonly stake_min_micros: string;
      readonly games: readonly { readonly game: string; readonly rtp: string }[];
    };
    assert.equal(games.stake_min_micros, "10000");
    assert.deepEqual(
      games.games.map(({ game, rtp }) => [game, rtp]),
      [
        ["crash", "0.990000"],
        ["coinflip", "0.980000"],
        ["dice", "0.979954"],
        ["slots", "0.957245"],
      ],
    );
  });
});

describe("the client", () => {
  test("bets, rotates and gets its proofs, and does not place what has its answer lost twice", async () => {
    await using sandbox = await openTestSandbox();
    const { apiKey } = await registerAgent(sandbox);
    const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey });
    const amount = usdc("2");
    await client.casino.rotate({ clientSeed: "client" }, { key: "rotate" });
    const bets = [
      await client.casino.crash({ amount, cashOut: 2 }, { key: "crash" }),
      await client.casino.coinflip({ amount, side: "heads" }, { key: "coin" }),
      await client.casino.dice({ amount, target: 25, over: false }, { key: "dice" }),
      await client.casino.slots({ amount }, { key: "slots" }),
      await client.casino.bet({ amount, play: { game: "slots" } }, { key: "any" }),
    ];
    assert.deepEqual(
      bets.map(({ proof }) => proof.nonce),
      [0, 1, 2, 3, 4],
    );
    assert.equal((await client.casino.seed()).nonce, 5);
    const revealed = (await client.casino.rotate({}, { key: "reveal" })).revealed;
    assert.deepEqual([revealed.client_seed, revealed.bets], ["client", 5]);
    for (const { bet_id: id } of bets) {
      const proof = await client.casino.proof(id);
      assert.equal((await verify(readClaim(proof))).agrees, true);
    }
    const [last] = await client.casino.bets({ limit: 1 });
    assert.equal(last?.bet_id, bets[4]?.bet_id);
    // The answer of this one is lost after it was settled: the same key brings it, and no other bet.
    sandbox.faults.add({ kind: "drop", when: "after", operations: ["bet"], count: 1 });
    const lost = client.casino.slots({ amount }, { key: "lost" });
    await assert.rejects(lost, (error) => hasCode(error, "HF-VENUE-NO-ANSWER"));
    const found = await client.casino.slots({ amount }, { key: "lost" });
    assert.equal(found.proof.nonce, 0);
    assert.equal((await client.casino.seed()).nonce, 1);
  });

  test("casinoBet() bets once under its key, and reconciles to the same receipt", async () => {
    await using sandbox = await openTestSandbox({ grant: usdc("5") });
    const { apiKey } = await registerAgent(sandbox);
    const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey });
    const stake = { amount: usdc("5"), play: { game: "dice", target: 50, over: true } } as const;
    const a = attemptOf(client, { key: "decision/1" });
    const never = await casinoBet.reconcile?.(stake as never, a);
    assert.deepEqual(never, { kind: "not-done" });
    const first = await casinoBet.run(stake as never, attemptOf(client, { key: "decision/1" }));
    assert.deepEqual(
      await casinoBet.run(stake as never, attemptOf(client, { key: "decision/1" })),
      first,
    );
    const found = await casinoBet.reconcile?.(stake as never, a);
    assert.deepEqual(found, { kind: "done", output: first });
    const { effects, duplicateEffects } = sandbox.venue.audit();
    assert.deepEqual([effects, duplicateEffects], [1, 0]);
    const tooMuch = { ...stake, amount: usdc("10") };
    await assert.rejects(
      async () => casinoBet.run(tooMuch as never, attemptOf(client, { key: "decision/2" })),
      (error) => hasCode(error, "PF-INSUFFICIENT-FUNDS"),
    );
  });
});
