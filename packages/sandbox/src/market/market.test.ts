// The market is the same everywhere and for ever (golden hash), whichever instant is asked for first, and it
// moves like a market.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import { START } from "../fixture/kit.ts";
import { type Market, createMarket } from "./market.ts";
import { streamOf } from "./noise.ts";
import { PAIRS, type Pair } from "./pair.ts";
import { createPath } from "./path.ts";

const MINUTE_MS = 60_000;
const YEAR_MS = 31_557_600_000;
const [BTC] = PAIRS as readonly [Pair];

function marks(market: Market, instants: readonly number[]): readonly bigint[] {
  return instants.flatMap((at) => PAIRS.map((pair) => market.quote(pair, at).mark));
}

/** Minutes of an hour, hours of a month, and odd instants between the grid's points. */
const INSTANTS: readonly number[] = [
  ...Array.from({ length: 60 }, (_, index) => START + index * MINUTE_MS),
  ...Array.from({ length: 720 }, (_, index) => START + index * 60 * MINUTE_MS),
  ...Array.from({ length: 100 }, (_, index) => START + index * 997 + 1),
  0,
  253_402_300_799_999,
];

describe("quote()", () => {
  test("gives the golden prices of seed holdfast", () => {
    const market = createMarket({ seed: "holdfast" });
    const hash = (texts: readonly unknown[]): string =>
      createHash("sha256").update(texts.join(" ")).digest("hex");
    const oracles = INSTANTS.flatMap((at) => PAIRS.map((pair) => market.quote(pair, at).oracle));
    assert.equal(hash(oracles), "18fb8fa5255d7511d5c35f11cf31edbf22aa27f4023eb1f9807c85224f0ac1a6");
    assert.equal(
      hash(marks(market, INSTANTS)),
      "fba5d090cfae8a48b4c4811154abd315fef10c2d259ccbabf047d988b9ae27f5",
    );
    assert.deepEqual(
      PAIRS.map((pair) => market.quote(pair, START)),
      [
        {
          oracle: 75_723_664_978n,
          mark: 75_737_617_902n,
          bid: 75_726_257_260n,
          ask: 75_748_978_544n,
          depth: 6_000_000_000n,
        },
        {
          oracle: 3_000_811_649n,
          mark: 3_001_603_352n,
          bid: 3_001_475_025n,
          ask: 3_001_775_187n,
          depth: 20_000_000_000n,
        },
        {
          oracle: 148_402_947n,
          mark: 148_432_381n,
          bid: 148_424_208n,
          ask: 148_439_050n,
          depth: 20_000_000_000n,
        },
      ],
    );
  });

  test("does not depend on what was asked before", () => {
    const forwards = createMarket({ seed: "s" });
    const backwards = createMarket({ seed: "s" });
    const reversed = INSTANTS.toReversed();
    const expected = new Map(INSTANTS.map((at) => [at, marks(forwards, [at])]));
    for (const at of reversed) assert.deepEqual(marks(backwards, [at]), expected.get(at));
  });

  test("does not change when a pair is added, and differs between seeds and pairs", () => {
    const more: Pair = { symbol: "DOGE-PERP", base: 0.1, volatility: 1, leverageMax: 10 };
    const alone = createMarket({ seed: "s", pairs: [BTC] });
    const beside = createMarket({ seed: "s", pairs: [more, BTC] });
    const other = createMarket({ seed: "t", pairs: [BTC] });
    assert.deepEqual(alone.quote(BTC, START), beside.quote(BTC, START));
    assert.notDeepEqual(alone.quote(BTC, START), other.quote(BTC, START));
    assert.notDeepEqual(streamOf("s", "BTC-PERP"), streamOf("s", "ETH-PERP"));
  });

  test("keeps bid below ask and the mark beside them, and the price within reach of its base, for ten years", () => {
    const market = createMarket({ seed: "years" });
    const at = fc.integer({ min: START, max: START + 10 * YEAR_MS });
    fc.assert(
      fc.property(at, fc.constantFrom(...PAIRS), (instant, pair) => {
        const { bid, mark, ask } = market.quote(pair, instant);
        assert.ok(bid < ask);
        assert.ok(Math.abs(Number(mark - (bid + ask) / 2n) / Number(mark)) < 0.001);
        const ratio = Number(mark) / 1_000_000 / pair.base;
        assert.ok(ratio > 0.25 && ratio < 4, `${pair.symbol} stands at ${ratio} of its base`);
      }),
      { numRuns: 2_000 },
    );
  });

  test("moves continuously between the points of its grid", () => {
    const market = createMarket({ seed: "s" });
    const steps = Array.from({ length: 600 }, (_, index) => START + 17 + index * 100);
    const path = steps.map((at) => Number(market.quote(BTC, at).mark));
    for (const [index, price] of path.entries()) {
      const before = path[index - 1] ?? price;
      assert.ok(Math.abs(price / before - 1) < 0.002);
    }
    assert.ok(new Set(path).size > 300, "it moves within the minute");
  });

  test("has the volatility that its pair states", () => {
    const market = createMarket({ seed: "volatility" });
    const hours = Array.from({ length: 24 * 365 * 3 }, (_, hour) => START + hour * 3_600_000);
    const path = hours.map((at) => Math.log(Number(market.quote(BTC, at).mark)));
    const returns = path.slice(1).map((value, index) => value - (path[index] ?? value));
    const variance = returns.reduce((sum, value) => sum + value * value, 0) / returns.length;
    const yearly = Math.sqrt(variance * 24 * 365.25);
    assert.ok(yearly > 0.45 && yearly < 1, `a year's deviation is ${yearly}`);
  });

  test("lies in the range of its time, and at its average premium", () => {
    const market = createMarket({ seed: "range" });
    const stretches = fc.record({
      from: fc.integer({ min: START, max: START + YEAR_MS }),
      // Of every order of magnitude, from a millisecond to a month.
      length: fc
        .double({ min: 0, max: 21.5, noNaN: true })
        .map((power) => Math.floor(Math.exp(power))),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      pair: fc.constantFrom(...PAIRS),
    });
    fc.assert(
      fc.property(stretches, ({ from, length, share, pair }) => {
        const { low, high } = market.range(pair, from, from + length);
        const { oracle, mark, bid, ask } = market.quote(pair, from + Math.floor(length * share));
        for (const price of [oracle, mark, bid, ask]) assert.ok(low <= price && price <= high);
      }),
      { numRuns: 2_000 },
    );
    const hour = Math.floor(START / 3_600_000);
    const samples = Array.from({ length: 720 }, (_, index) => {
      const { oracle, bid, ask } = market.quote(BTC, START - index * 5_000);
      return (Number(bid + ask) / 2 / Number(oracle) - 1) * 1_000_000;
    });
    const average = samples.reduce((sum, one) => sum + one, 0) / samples.length;
    assert.ok(Math.abs(average - market.hourly(BTC, hour).premiumPpm) < 1);
  });

  test("knows every regime", () => {
    const path = createPath(streamOf("holdfast", "BTC-PERP"), BTC);
    const seen = Array.from({ length: 500 }, (_, index) =>
      path.regime(START + index * 512 * MINUTE_MS),
    );
    assert.deepEqual([...new Set(seen)].toSorted(), ["calm", "chop", "normal", "storm"]);
  });
});

describe("compileScript()", () => {
  const script = {
    symbol: "BTC-PERP",
    points: [
      { at: 1_000, price: "100" },
      { at: 2_000, price: "200.50" },
      { at: 2_001, price: "50" },
    ],
  };

  test("goes straight from point to point and stays where it ends", () => {
    const market = createMarket({ seed: "s", scripts: [script] });
    const at = (instant: number): bigint => market.quote(BTC, instant).mark;
    assert.deepEqual(
      [0, 1_000, 1_500, 2_000, 2_001, 9_000].map(at),
      ["100", "100", "150.25", "200.50", "50", "50"].map((price) => usdc(price)),
    );
  });

  test("refuses paths without points, out of order, or without a price above zero", () => {
    const wrong = [
      [],
      [
        { at: 5, price: "1" },
        { at: 4, price: "1" },
      ],
      [{ at: 5, price: "0" }],
      [{ at: 5, price: "10000000.01" }],
    ];
    for (const points of wrong) {
      assert.throws(
        () => createMarket({ seed: "s", scripts: [{ symbol: "BTC-PERP", points }] }),
        (error) => hasCode(error, "HF-VENUE-SCRIPT-INVALID"),
      );
    }
  });
});
