// The check of a settled bet says what does not agree, and what cannot be checked; Kelly's rule refuses what
// has no edge.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ClaimError,
  kelly,
  kellyFor,
  kellyForCrash,
  oddsOf,
  ratio,
  readClaim,
  toDecimal,
  toNumber,
  verify,
} from "./index.ts";

const proof = {
  game: "crash",
  params: { auto_cashout: 1.1 },
  server_seed: "holdfast-server-seed-0001",
  server_seed_hash: "9ea7bf9b7d5bb1c464841892f6655b8904856e05dc3bf33dcad86b98d9997431",
  client_seed: "holdfast-client",
  nonce: 0,
  outcome: "win",
  result: "1.19",
  amount_micros: "1000000",
  payout_micros: "1100000",
} as const;

describe("verify()", () => {
  test("agrees with a bet that went as it is claimed", async () => {
    const verdict = await verify(readClaim(proof));
    assert.equal(verdict.agrees, true);
    assert.equal(verdict.checks.length, 4);
    assert.equal(verdict.payout, 1_100_000n);
  });

  const lies = [
    ["server seed hash", { server_seed_hash: "0".repeat(64) }],
    ["result", { result: "1.20" }],
    ["outcome", { outcome: "loss" }],
    ["payout", { payout_micros: "1099999" }],
  ] as const;
  for (const [name, lie] of lies) {
    test(`tells of another ${name}, and of nothing else`, async () => {
      const { agrees, checks } = await verify(readClaim({ ...proof, ...lie }));
      assert.equal(agrees, false);
      assert.deepEqual(
        checks.filter((one) => !one.agrees).map((one) => one.name),
        [name],
      );
    });
  }

  test("tells of another nonce or client seed by what they draw", async () => {
    assert.equal((await verify(readClaim({ ...proof, nonce: 1 }))).agrees, false);
    assert.equal((await verify(readClaim({ ...proof, client_seed: "other" }))).agrees, false);
  });

  test("compares nothing that was not claimed", async () => {
    const { game, params, server_seed, client_seed, nonce } = proof;
    const verdict = await verify(readClaim({ game, params, server_seed, client_seed, nonce }));
    assert.deepEqual([verdict.agrees, verdict.checks, verdict.payout], [true, [], undefined]);
  });
});

describe("readClaim()", () => {
  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ["no object", [], /JSON object/u],
    ["a seed that is not revealed", { ...proof, server_seed: null }, /not revealed/u],
    ["no seed", { ...proof, server_seed: undefined }, /server_seed/u],
    ["a nonce that is none", { ...proof, nonce: -1 }, /nonce/u],
    ["an unknown game", { ...proof, game: "roulette" }, /game/u],
    ["params that are none", { ...proof, params: 1 }, /params/u],
    ["a cash-out that is none", { ...proof, params: { auto_cashout: "2" } }, /auto_cashout/u],
    ["a cash-out out of limits", { ...proof, params: { auto_cashout: 1 } }, /cash-out/u],
    ["no side", { ...proof, game: "coinflip" }, /side/u],
    ["no over", { ...proof, game: "dice", params: { target: 50 } }, /over/u],
    ["an amount that is none", { ...proof, amount_micros: "1.5" }, /amount_micros/u],
  ];
  for (const [what, json, says] of wrong) {
    test(`refuses ${what}, and says which`, () => {
      assert.throws(
        () => readClaim(json),
        (error) => error instanceof ClaimError && says.test(error.message),
      );
    });
  }
});

describe("kelly()", () => {
  const close = (found: number, wanted: number): void => {
    assert.ok(Math.abs(found - wanted) < 1e-12, `${found} is not ${wanted}`);
  };

  test("refuses crash at each cash-out, with the share that it comes to", () => {
    const table = [
      [1.01, -1],
      [1.2, -0.05],
      [1.5, -0.02],
      [2, -0.01],
      [10, -0.01 / 9],
    ] as const;
    for (const [cashOut, wanted] of table) {
      const { bet, kelly: share, expectedLoss, refused } = kellyForCrash(cashOut);
      assert.equal(bet, 0);
      close(share, wanted);
      close(expectedLoss, 0.01);
      assert.match(refused ?? "", /loses 1\.00 %/u);
    }
  });

  test("gives the share where there is an edge, and none at exactly even odds", () => {
    close(kelly({ p: 0.6, b: 1 }).bet, 0.2);
    assert.equal(kelly({ p: 0.6, b: 1 }).refused, undefined);
    assert.match(kelly({ p: 0.5, b: 1 }).refused ?? "", /no edge/u);
    assert.equal(kelly({ p: 1 / 3, b: 2 }).bet, 0);
  });

  test("refuses every game of the casino that is not fair", () => {
    assert.equal(kellyFor({ game: "slots" }).bet, 0);
    assert.match(kellyFor({ game: "slots" }).refused ?? "", /loses 4\.28 %/u);
    assert.equal(kellyFor({ game: "dice", target: 50, over: true }).bet, 0);
    const coin = kellyFor({ game: "coinflip", side: "heads", pays: "seed" });
    assert.deepEqual([coin.bet, coin.expectedLoss], [0, 0]);
  });

  test("refuses what is no chance and no odds", () => {
    for (const input of [
      { p: 1.1, b: 1 },
      { p: Number.NaN, b: 1 },
      { p: 0.5, b: 0 },
    ]) {
      assert.throws(() => kelly(input), RangeError);
    }
  });
});

test("a fraction is in lowest terms, and is rounded as a decimal", () => {
  assert.deepEqual(ratio(-4n, 6n), { numerator: -2n, denominator: 3n });
  assert.equal(toDecimal(ratio(-2n, 3n), 3), "-0.667");
  assert.equal(toDecimal(ratio(7n, 2n), 0), "4");
  assert.equal(toNumber(ratio(1n, 3n)), 1 / 3);
  assert.throws(() => ratio(1n, 0n), RangeError);
  assert.throws(() => oddsOf({ game: "crash", cashOut: 1.234 }), RangeError);
});
