// T8: a thousand random positions against two published formulas of the liquidation price, worked out here in
// fractions, and funding against its own sum hour by hour: within one micro-USDC.

import assert from "node:assert/strict";
import { test } from "node:test";
import { micros, usdc } from "@holdfast/core";
import * as fc from "fast-check";
import { createChance } from "../fixture/chance.ts";
import { openDesk, order } from "../fixture/desk.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { fundingRatePpb } from "./funding.ts";
import { liquidationPrice, marginFor, notional } from "./perpetual.ts";
import { DEFAULT_RULES } from "./rules.ts";

const POSITIONS = 1_000;
const PPM = 1_000_000n;
const UNIT = 100_000_000n;

interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** How far a whole number is from a fraction, rounded up. */
function distance(value: bigint, { over, under }: Fraction): bigint {
  const gap = value * under - over;
  const [size, by] = [gap < 0n ? -gap : gap, under < 0n ? -under : under];
  return (size + by - 1n) / by;
}

test("T8: liquidation prices of 1,000 random positions fit both formulas to one micro-USDC", () => {
  const positions = fc.record({
    sign: fc.constantFrom(1n, -1n),
    quantity: fc.bigInt({ min: 10_000n, max: 10_000n * UNIT }),
    entry: fc.bigInt({ min: 1_000n, max: 200_000n * PPM }),
    leverageMax: fc.constantFrom(10, 20, 25, 50),
    share: fc.integer({ min: 1, max: 100 }),
  });
  let seen = 0;
  fc.assert(
    fc.property(positions, ({ sign, quantity, entry, leverageMax, share }) => {
      const entryPrice = micros(entry);
      const leverage = Math.max(1, Math.floor((leverageMax * share) / 100));
      const margin = marginFor(notional(quantity, entryPrice), leverage);
      const side = sign === 1n ? "long" : "short";
      const terms = { ...DEFAULT_RULES, leverageMax };
      const found = liquidationPrice({ side, quantity, entryPrice, margin }, terms);
      const mmr = PPM / BigInt(2 * leverageMax);
      // price − s·(margin − mmr·value) / quantity / (1 − mmr·s), in fractions of quantity·(1 − mmr·s).
      const under = quantity * (PPM - mmr * sign);
      const available = margin * UNIT * PPM - mmr * quantity * entry;
      const first = { over: entry * under - sign * available, under };
      // (balance − s·quantity·entry) / (quantity·mmr − s·quantity).
      const second = {
        over: (margin * UNIT - sign * quantity * entry) * PPM,
        under: quantity * mmr - sign * quantity * PPM,
      };
      for (const formula of [first, second]) {
        const isBelowZero = formula.over < 0n !== formula.under < 0n && formula.over !== 0n;
        assert.ok(distance(found, isBelowZero ? { over: 0n, under: 1n } : formula) <= 1n);
      }
      seen += 1;
    }),
    { numRuns: POSITIONS },
  );
  assert.equal(seen, POSITIONS);
});

test("T8: funding of random positions is the sum of quantity · oracle · rate, to one micro-USDC each", async () => {
  const hours = 72;
  const desk = openDesk(
    { symbol: "ETH-PERP", points: [{ at: START, price: "3000" }] },
    { seed: "funding sums", grant: usdc("100000000"), verify: false },
  );
  const chance = createChance("funding sums");
  for (let count = 0; count < 60; count += 1) {
    const side = chance.pick(["long", "short"] as const);
    const quantity = 100_000n + chance.magnitude(9);
    desk.send(order({ side, quantity, leverage: 1 + chance.whole(3) }));
  }
  const opened = desk.venue.positions(desk.agent);
  assert.ok(opened.length > 50);
  const { market } = desk.venue;
  const pair = market.pair("BTC-PERP");
  assert.ok(pair !== undefined);
  let paid = 0n;
  const perUnit = Array.from({ length: hours }, (_, hour) => {
    const { oracle, premiumPpm } = market.hourly(pair, START / HOUR_MS + 1 + hour);
    return { oracle, rate: fundingRatePpb(premiumPpm, DEFAULT_RULES.fundingCapPpm) };
  }).reduce((sum, { oracle, rate }) => sum + oracle * rate, 0n);
  await desk.venue.advanceTo(START + hours * HOUR_MS);
  const shown = desk.venue.positions(desk.agent);
  for (const { position_id: id, side, quantity, funding_micros: funding } of shown) {
    const [whole = "", part = ""] = quantity.split(".");
    const units = BigInt(whole + part.padEnd(8, "0"));
    const sign = side === "long" ? 1n : -1n;
    const exact = { over: sign * units * perUnit, under: UNIT * 1_000_000_000n };
    assert.ok(distance(BigInt(funding ?? ""), exact) <= 1n, `${id}: ${funding}`);
    paid += BigInt(funding ?? "");
  }
  desk.send({ operation: "close-all" });
  const settled = desk.venue
    .transactions(desk.agent, 1_000)
    .filter(({ kind }) => kind === "funding");
  assert.equal(settled.length, shown.filter(({ funding_micros: one }) => one !== "0").length);
  assert.notEqual(paid, 0n);
  desk.venue.assertInvariants();
});
