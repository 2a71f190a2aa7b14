// The games by published vectors, by our own, by counting through all draws, and by very many rounds.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import {
  type Bet,
  commitOf,
  crashPoint,
  crashWins,
  diceMultiplier,
  diceRoll,
  diceWins,
  digestOf,
  first52,
  fromHex,
  multiplierMax,
  oddsOf,
  payoutOf,
  play,
  ratio,
  roundMessage,
  slotReels,
  toDecimal,
  toHex,
  toNumber,
} from "./index.ts";

const ALL = process.env["HOLDFAST_TEST_ALL"] !== undefined;
const ROUNDS = ALL ? 1_000_000 : 50_000;

const OWN_SEED = "holdfast-server-seed-0001";
const OWN_CLIENT = "holdfast-client";
const over50: Bet = { game: "dice", target: 50, over: true };

describe("T9 published vectors", () => {
  test("the digest is that of the dice page: 42013eb6 first, which its formula shows as 25.78", async () => {
    const seed = "c5e7146c5863d7d647c93ffe7d4ec13fffbb7311108fab0c067d97bcc2b32d55";
    const digest = await digestOf(seed, "LuckyClientSeed777:0:0");
    assert.equal(toHex(digest).slice(0, 8), "42013eb6");
    // That site's dice has 10,001 faces and reads four bytes.
    const word = BigInt(`0x${toHex(digest).slice(0, 8)}`);
    assert.equal((word * 10_001n) / 2n ** 32n, 2_578n);
    // A message is made of client seed and nonce: theirs ends in a cursor that ours has not.
    assert.equal(roundMessage("LuckyClientSeed777:0", 0), "LuckyClientSeed777:0:0");
  });

  test("the crash point of a published hash is 1.70", () => {
    const digest = fromHex("6b5124897c3c48d0e46cc9249f08c7e560792459f1bad1171224643b5d2be231");
    assert.equal(first52(digest), 1_887_939_992_208_324n);
    assert.equal(crashPoint(first52(digest)), 170n);
    assert.deepEqual(play({ game: "crash", cashOut: 1.7 }, digest), {
      outcome: "win",
      result: "1.70",
      multiplier: 17_000n,
    });
    assert.equal(play({ game: "crash", cashOut: 1.71 }, digest).outcome, "loss");
  });
});

describe("T9 own vectors", () => {
  test("the commit of the seed", async () => {
    const hash = "9ea7bf9b7d5bb1c464841892f6655b8904856e05dc3bf33dcad86b98d9997431";
    assert.equal(await commitOf(OWN_SEED), hash);
  });

  const vectors = [
    [0, 758_007_574_151_440n, "1.19", "16.83"],
    [1, 39_020_096_351_522n, "1.00", "0.86"],
    [2, 1_452_687_034_060_222n, "1.46", "32.25"],
  ] as const;
  for (const [nonce, bits, point, roll] of vectors) {
    test(`nonce ${nonce}: crash ${point}, dice ${roll}`, async () => {
      const digest = await digestOf(OWN_SEED, roundMessage(OWN_CLIENT, nonce));
      assert.equal(first52(digest), bits);
      assert.equal(play({ game: "crash", cashOut: 2 }, digest).result, point);
      assert.equal(play(over50, digest).result, roll);
    });
  }
});

describe("oddsOf()", () => {
  test("T9 slots return exactly 31367/32768", () => {
    const { chance, rtp } = oddsOf({ game: "slots" });
    assert.deepEqual(rtp, ratio(31_367n, 32_768n));
    assert.equal(toDecimal(rtp, 6), "0.957245");
    assert.equal(toDecimal(chance, 6), "0.194733");
  });

  test("T9 crash returns 0.99 at each cash-out from 1.01 to 10,000", () => {
    for (let cashOut = 101n; cashOut <= 1_000_000n; cashOut += cashOut < 20_000n ? 1n : 997n) {
      const rtp = ratio(crashWins(cashOut) * cashOut, 100n * 2n ** 52n);
      const short = ratio(99n * rtp.denominator - 100n * rtp.numerator, 100n * rtp.denominator);
      // Never more than 0.99, and less by what the last of 2^52 draws is worth at most.
      assert.ok(short.numerator >= 0n, String(cashOut));
      assert.ok(short.numerator * 2n ** 52n * 100n <= cashOut * short.denominator, String(cashOut));
    }
    assert.equal(toDecimal(oddsOf({ game: "crash", cashOut: 1.5 }).chance, 6), "0.660000");
    assert.equal(
      toNumber(oddsOf({ game: "crash", cashOut: 1.5 }).rtp).toFixed(15),
      (0.99).toFixed(15),
    );
  });

  test("T9 dice return what the table says", () => {
    const table = [
      [50, true, 19_603n, "0.97995397", 0.4999],
      [50, false, 19_600n, "0.98000000", 0.5],
      [75, true, 39_215n, "0.97998285", 0.2499],
      [95, true, 196_392n, "0.97999608", 0.0499],
    ] as const;
    for (const [target, over, multiplier, rtp, chance] of table) {
      const bet: Bet = { game: "dice", target, over };
      assert.equal(multiplierMax(bet), multiplier);
      assert.equal(toNumber(oddsOf(bet).rtp).toFixed(8), rtp);
      assert.equal(toNumber(oddsOf(bet).chance).toFixed(12), chance.toFixed(12));
    }
  });

  test("no dice bet returns more than 0.991 of its stake, or pays less than it", () => {
    for (let target = 100n; target <= 9_900n; target += 1n) {
      for (const over of [true, false]) {
        const multiplier = diceMultiplier(target, over);
        assert.ok(multiplier > 10_000n);
        const rtp = ratio(diceWins(target, over) * multiplier, 10_000n * 2n ** 52n);
        assert.ok(rtp.numerator * 1_000n < 991n * rtp.denominator, `${target} ${over}`);
      }
    }
  });

  test("a coin is fair as the guides have it, and returns 0.98 at a house", () => {
    const flip = (pays: "seed" | "house"): string =>
      toDecimal(oddsOf({ game: "coinflip", side: "heads", pays }).rtp, 2);
    assert.deepEqual([flip("seed"), flip("house")], ["1.00", "0.98"]);
  });

  test("the counted wins are those of counting through a smaller space", () => {
    const space = 2n ** 14n;
    for (const cashOut of [101n, 150n, 199n, 200n, 1_000n, 99_999n]) {
      const wins = count(space, (bits) => crashPoint(bits, space) >= cashOut);
      assert.equal(crashWins(cashOut, space), wins, String(cashOut));
    }
    for (const target of [100n, 4_999n, 5_000n, 9_900n]) {
      const overs = count(space, (bits) => diceRoll(bits, space) > target);
      const unders = count(space, (bits) => diceRoll(bits, space) < target);
      assert.equal(diceWins(target, true, space), overs, String(target));
      assert.equal(diceWins(target, false, space), unders, String(target));
    }
  });
});

test(`T9 ${ROUNDS} rounds of each game return their RTP within 4 sigma`, () => {
  const bets: readonly Bet[] = [
    { game: "crash", cashOut: 1.01 },
    { game: "crash", cashOut: 2 },
    { game: "crash", cashOut: 10 },
    over50,
    { game: "dice", target: 5, over: false },
    { game: "coinflip", side: "tails", pays: "house" },
    { game: "slots" },
  ];
  const stake = 1_000_000n;
  const sums = bets.map(() => ({ paid: 0, squares: 0 }));
  for (let nonce = 0; nonce < ROUNDS; nonce += 1) {
    const digest = createHmac("sha256", OWN_SEED).update(roundMessage(OWN_CLIENT, nonce)).digest();
    for (const [index, bet] of bets.entries()) {
      const paid = Number(payoutOf(stake, play(bet, digest))) / 1e6;
      const sum = sums[index];
      assert.ok(sum);
      sum.paid += paid;
      sum.squares += paid * paid;
    }
  }
  for (const [index, bet] of bets.entries()) {
    const { paid, squares } = sums[index] ?? assert.fail();
    const mean = paid / ROUNDS;
    const sigma = Math.sqrt((squares / ROUNDS - mean * mean) / ROUNDS);
    const away = Math.abs(mean - toNumber(oddsOf(bet).rtp)) / sigma;
    assert.ok(away < 4, `${JSON.stringify(bet)}: ${mean}, ${away.toFixed(2)} sigma away`);
  }
});

describe("play()", () => {
  const digest = new Uint8Array(32);

  test("the lowest and the highest draw have no surprise", () => {
    assert.equal(play({ game: "crash", cashOut: 1.01 }, digest).result, "1.00");
    assert.equal(play({ game: "dice", target: 1, over: false }, digest).result, "0.00");
    const highest = digest.map(() => 255);
    assert.equal(play({ game: "crash", cashOut: 10_000 }, highest).result, "4458563631096791.04");
    assert.equal(play({ game: "dice", target: 99, over: true }, highest).result, "99.99");
    assert.deepEqual(play({ game: "slots" }, highest), {
      outcome: "win",
      result: "CHERRY CHERRY CHERRY",
      multiplier: 50_000n,
    });
    assert.deepEqual(slotReels(digest), ["SEVEN", "SEVEN", "SEVEN"]);
  });

  test("the target itself loses over and under", () => {
    const fifty = fromHex(`80${"00".repeat(31)}`);
    assert.equal(diceRoll(first52(fifty)), 5_000n);
    assert.equal(play(over50, fifty).outcome, "loss");
    assert.equal(play({ ...over50, over: false }, fifty).outcome, "loss");
  });

  test("refuses what is out of a game's limits, and a digest of another length", () => {
    for (const cashOut of [1, 1.005, 10_000.01, Number.NaN, -2, Infinity, 1e21]) {
      assert.throws(() => play({ game: "crash", cashOut }, digest), RangeError);
    }
    for (const target of [0, 0.99, 99.01, 50.001]) {
      assert.throws(() => play({ game: "dice", target, over: true }, digest), RangeError);
    }
    assert.throws(() => play({ game: "slots" }, digest.subarray(1)), RangeError);
  });

  test("payouts are cut off at the micro, never rounded up", () => {
    const won = { outcome: "win", result: "", multiplier: 19_603n } as const;
    assert.equal(payoutOf(333_333n, won), 653_432n);
    assert.equal(payoutOf(333_333n, { ...won, outcome: "loss" }), 0n);
  });
});

function count(space: bigint, wins: (bits: bigint) => boolean): bigint {
  let found = 0n;
  for (let bits = 0n; bits < space; bits += 1n) if (wins(bits)) found += 1n;
  return found;
}
