// The search finds what a look at every second would find, and looks at few of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { START } from "../fixture/kit.ts";
import { createMarket } from "./market.ts";
import { PAIRS, type Pair } from "./pair.ts";
import { firstSecond } from "./search.ts";

const [BTC] = PAIRS as readonly [Pair];

test("firstSecond() finds the same instant as a look at every second", () => {
  const market = createMarket({ seed: "search" });
  const cases = fc.record({
    from: fc.integer({ min: START, max: START + 10_000_000_000 }),
    seconds: fc.integer({ min: 0, max: 3_000 }),
    below: fc.integer({ min: 0, max: 2_000 }),
  });
  fc.assert(
    fc.property(cases, ({ from, seconds, below }) => {
      const start = market.quote(BTC, from).mark;
      const limit = Number((start * BigInt(1_000_000 - below)) / 1_000_000n);
      const to = from + seconds * 1_000;
      const happens = (at: number): boolean => Number(market.quote(BTC, at).ask) <= limit;
      const found = firstSecond(from, to, {
        mayHappen: (first, last) => market.range(BTC, first, last).low <= limit,
        happens,
      });
      let expected: number | undefined;
      for (let at = Math.floor(from / 1_000) * 1_000 + 1_000; at <= to; at += 1_000) {
        if (happens(at)) {
          expected = at;
          break;
        }
      }
      assert.equal(found, expected);
    }),
    { numRuns: 60 },
  );
});

test("firstSecond() looks at few seconds of a year, and stays within it", () => {
  const market = createMarket({ seed: "holdfast" });
  const limit = Number(market.quote(BTC, START).ask) * 0.97;
  let looks = 0;
  const within = (to: number): number | undefined =>
    firstSecond(START, to, {
      mayHappen: (from, until) => market.range(BTC, from, until).low <= limit,
      happens(at) {
        looks += 1;
        return Number(market.quote(BTC, at).ask) <= limit;
      },
    });
  const found = within(START + 31_536_000_000);
  assert.ok(found !== undefined && looks < 10_000, `${looks} looks`);
  assert.equal(within(found), found);
  assert.equal(within(found - 1), undefined);
});
