// Funding by the hour: the rate's formula, and what a week of it costs a position, to the micro-USDC.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { usdc } from "@holdfast/core";
import { type Body, btc, micros, openDesk, order } from "../fixture/desk.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { fundingOwed, fundingRatePpb } from "./funding.ts";

const ONE = 100_000_000n;
const CAP_PPM = 40_000;

/** The single closings in the answer to closing everything. */
function closedIn(body: Body | undefined): readonly Body[] {
  return body?.["closed"] as readonly Body[];
}

const FLAT = btc(["60000"]);

describe("fundingRatePpb()", () => {
  test("is the interest while the premium is near it, then follows the premium", () => {
    const rates = [0, 600, 100, -400, 1_000, -1_000].map((ppm) => fundingRatePpb(ppm, CAP_PPM));
    assert.deepEqual(rates, [12_500n, 12_500n, 12_500n, 12_500n, 62_500n, -62_500n]);
  });

  test("is capped", () => {
    assert.equal(fundingRatePpb(1_000_000, CAP_PPM), 40_000_000n);
    assert.equal(fundingRatePpb(-1_000_000, 10), -10_000n);
  });
});

describe("fundingOwed()", () => {
  test("is what the index moved by, charges up and receipts down", () => {
    const week = 168n * 750_000_000_000n;
    assert.equal(fundingOwed("long", ONE, week), usdc("126"));
    assert.equal(fundingOwed("short", ONE, week), usdc("-126"));
    assert.deepEqual([fundingOwed("long", 1n, 1n), fundingOwed("short", 1n, 1n)], [1n, 0n]);
  });
});

describe("funding over a week", () => {
  for (const side of ["long", "short"] as const) {
    const sign = side === "long" ? 1n : -1n;
    test(`is ${side === "long" ? "paid" : "received"} by a ${side}, once, however often it is looked at`, async () => {
      const options = { grant: usdc("100000") };
      const [watched, quiet] = [openDesk(FLAT, options), openDesk(FLAT, options)] as const;
      for (const { send } of [watched, quiet]) send(order({ side, quantity: ONE, leverage: 3 }));
      const [before] = watched.venue.positions(watched.agent);
      for (let hour = 1; hour <= 168; hour += 1) {
        await watched.venue.advanceTo(START + hour * HOUR_MS);
        const [shown] = watched.venue.positions(watched.agent);
        assert.equal(BigInt(shown?.funding_micros ?? ""), sign * BigInt(hour) * 750_000n);
      }
      await quiet.venue.advanceTo(START + 168 * HOUR_MS);
      const [after] = quiet.venue.positions(quiet.agent);
      assert.deepEqual(
        after?.margin_micros,
        watched.venue.positions(watched.agent)[0]?.margin_micros,
      );
      const margin = BigInt(before?.margin_micros ?? "") - BigInt(after?.margin_micros ?? "");
      assert.equal(margin, sign * usdc("126"));
      // What moves the margin moves the liquidation price: through 1 ∓ mmr, mmr = 1 %.
      const moved =
        BigInt(after?.liquidation_price_micros ?? "") -
        BigInt(before?.liquidation_price_micros ?? "");
      const expected = (usdc("126") * 100n) / (side === "long" ? 99n : 101n);
      assert.ok(
        moved - expected <= 1n && expected - moved <= 1n,
        `${moved} instead of ${expected}`,
      );
      const [first, second] = [watched, quiet].map(
        ({ send }) => send({ operation: "close-all" }).body,
      );
      const paid = closedIn(first).map((one) => micros(one, "funding_micros"));
      assert.deepEqual(paid, [sign * usdc("126")]);
      assert.equal(watched.available(), quiet.available());
      assert.deepEqual(first?.["fees_micros"], second?.["fees_micros"]);
    });
  }

  test("follows the market's own premium", async () => {
    const desk = openDesk(FLAT, { scripts: [], grant: usdc("1000000"), seed: "premium" });
    const { market } = desk.venue;
    const pair = market.pair("BTC-PERP");
    assert.ok(pair !== undefined);
    desk.send(order({ quantity: ONE }));
    let index = 0n;
    const rates = new Set<bigint>();
    for (let hour = START / HOUR_MS + 1; hour <= START / HOUR_MS + 100; hour += 1) {
      const { oracle, premiumPpm } = market.hourly(pair, hour);
      const rate = fundingRatePpb(premiumPpm, CAP_PPM);
      rates.add(rate);
      index += (oracle * rate) / 1_000n;
    }
    await desk.venue.advanceTo(START + 100 * HOUR_MS);
    const [shown] = desk.venue.positions(desk.agent);
    assert.equal(BigInt(shown?.funding_micros ?? ""), fundingOwed("long", ONE, index));
    assert.ok(rates.size > 3, "the premium never left the interest");
  });
});
