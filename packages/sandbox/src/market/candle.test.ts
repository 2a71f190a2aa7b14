// Candles are what the prices at whole seconds were, whatever their length; empty ones say so.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { START } from "../fixture/kit.ts";
import { type Market, createMarket } from "./market.ts";
import { PAIRS, type Pair } from "./pair.ts";
import { parseRecording } from "./recording.ts";

const [BTC] = PAIRS as readonly [Pair];
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

function hash(market: Market): string {
  const query = { interval: "1m", from: START, until: START + HOUR_MS } as const;
  const made = PAIRS.map((pair) => market.candles(pair, query));
  return createHash("sha256").update(JSON.stringify(made)).digest("hex");
}

test("candles() gives the golden candles of seed holdfast", () => {
  assert.equal(
    hash(createMarket({ seed: "holdfast" })),
    "1c7b36db500f250d2d7cf23c9d9718e883b79627b7735aab284bb2ade41be8b1",
  );
});

test("candles() of an hour agree with those of its minutes", () => {
  const market = createMarket({ seed: "s" });
  const until = START + HOUR_MS;
  const [hour] = market.candles(BTC, { interval: "1h", from: START, until });
  const minutes = market.candles(BTC, { interval: "1m", from: START, until });
  assert.equal(minutes.length, 60);
  assert.deepEqual(
    [hour?.open, hour?.high, hour?.low, hour?.close],
    [
      minutes[0]?.open,
      Math.max(...minutes.map(({ high }) => high)),
      Math.min(...minutes.map(({ low }) => low)),
      minutes.at(-1)?.close,
    ],
  );
});

test("candles() never shows a stretch that is not over", () => {
  const market = createMarket({ seed: "s" });
  const shown = (until: number): number =>
    market.candles(BTC, { interval: "1m", from: START, until }).length;
  assert.deepEqual(
    [59_999, 60_000, 119_999].map((passed) => shown(START + passed)),
    [0, 1, 1],
  );
});

test("candles() marks minutes in which a recording has no trade, and keeps the price", () => {
  const rows = `time,price,volume\n${START},100,2\n${START + 3 * MINUTE_MS},110,1\n`;
  const ticks = parseRecording("BTC-PERP", rows, "csv");
  const market = createMarket({ seed: "s", recordings: [{ symbol: "BTC-PERP", ticks }] });
  const made = market.candles(BTC, { interval: "1m", from: START, until: START + 4 * MINUTE_MS });
  assert.deepEqual(
    made.map(({ open, close, volume, synthetic }) => [open, close, volume, synthetic]),
    [
      [100_000_000, 100_000_000, 2, false],
      [100_000_000, 100_000_000, 0, true],
      [100_000_000, 100_000_000, 0, true],
      [110_000_000, 110_000_000, 1, false],
    ],
  );
});
