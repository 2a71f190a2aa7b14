// Recordings of candles and ticks, as CSV and JSONL: the same prices, or the line that is wrong.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import { START, testFolder } from "../fixture/kit.ts";
import { createMarket } from "./market.ts";
import { PAIRS, type Pair } from "./pair.ts";
import { parseRecording, readRecording } from "./recording.ts";

const [BTC] = PAIRS as readonly [Pair];
const MINUTE_MS = 60_000;

describe("parseRecording()", () => {
  test("takes a candle apart into four ticks, the extreme nearer to its opening first", () => {
    const text = [
      "timestamp,open,high,low,close,volume",
      `${START / 1_000},100,101,90,95,4`,
      `${START / 1_000 + 60},95,120,94.5,119.123456,8`,
    ].join("\r\n");
    const ticks = parseRecording("BTC-PERP", text, "csv");
    assert.deepEqual(
      ticks.map(({ at, price, volume }) => [(at - START) / 1_000, price / 1_000_000, volume]),
      [
        [0, 100, 1],
        [15, 101, 1],
        [30, 90, 1],
        [45, 95, 1],
        [60, 95, 2],
        [75, 94.5, 2],
        [90, 120, 2],
        [105, 119.123456, 2],
      ],
    );
  });

  test("reads the same from JSONL as from CSV, with instants in any of three ways", () => {
    const iso = new Date(START).toISOString();
    const csv = parseRecording("BTC-PERP", `date,price\n${iso},100.5\n`, "csv");
    const json = [`{"ts":${START},"price":"100.5"}`, `{"time":${START / 1_000},"price":100.5}`];
    for (const line of json) assert.deepEqual(parseRecording("BTC-PERP", line, "jsonl"), csv);
  });

  test("names the line that it cannot read", () => {
    const wrong = [
      ["csv", "time,price\n1,abc", /line 2: price is abc/],
      ["csv", "time,price\n1,-5", /line 2: price is -5/],
      ["csv", "when,price\n1,5", /line 2: it has none of/],
      ["csv", "time,price,volume\n1,5,-1", /line 2: volume is -1/],
      ["csv", "time,open,high,low,close\n1,5,6,5.5,6", /line 2: low and high/],
      ["jsonl", '{"ts":1,"price":5}\nnonsense', /line 2: /],
      ["jsonl", '{"ts":"yesterday","price":5}', /line 1: yesterday is no instant/],
    ] as const;
    for (const [format, text, words] of wrong) {
      assert.throws(
        () => parseRecording("BTC-PERP", text, format),
        (error) => hasCode(error, "HF-VENUE-REPLAY-INVALID") && words.test(error.message),
        text,
      );
    }
  });
});

describe("recordedSource()", () => {
  const tick = (seconds: number, price: string): object => ({ ts: START + seconds * 1_000, price });
  const rows = [tick(0, "100"), tick(60, "110"), tick(30, "999"), tick(120, "90")];
  const text = rows.map((row) => JSON.stringify(row)).join("\n");

  test("stands at the latest tick and leaves out what came late", () => {
    const ticks = parseRecording("BTC-PERP", text, "jsonl");
    const market = createMarket({ seed: "s", recordings: [{ symbol: "BTC-PERP", ticks }] });
    const at = (seconds: number): bigint => market.quote(BTC, START + seconds * 1_000).mark;
    assert.deepEqual(
      [-5, 0, 45, 60, 119, 120, 99_999].map(at),
      ["100", "100", "100", "110", "110", "90", "90"].map((price) => usdc(price)),
    );
    assert.deepEqual(market.origin(BTC), { kind: "recording", late: 1 });
    const { low, high } = market.range(BTC, START + 61_000, START + 130_000);
    assert.ok(low <= 90_000_000 && low > 89_000_000 && high >= 110_000_000 && high < 111_000_000);
  });

  test("can be moved to another time", () => {
    using folder = testFolder();
    const path = folder.path("btc.jsonl");
    writeFileSync(path, text);
    const recording = readRecording({ symbol: "BTC-PERP", path, startAt: START + 10 * MINUTE_MS });
    const market = createMarket({ seed: "s", recordings: [recording] });
    assert.equal(market.quote(BTC, START + 11 * MINUTE_MS).mark, usdc("110"));
  });

  test("is refused without rows, with prices out of bounds, or where there is no file", () => {
    const invalid = (error: unknown): boolean => hasCode(error, "HF-VENUE-REPLAY-INVALID");
    const create = (ticks: readonly { at: number; price: number; volume: number }[]): unknown =>
      createMarket({ seed: "s", recordings: [{ symbol: "BTC-PERP", ticks }] });
    assert.throws(() => create([]), invalid);
    assert.throws(() => create([{ at: 1, price: 0, volume: 0 }]), invalid);
    assert.throws(() => create([{ at: 1, price: 10_000_000_000_001, volume: 0 }]), invalid);
    assert.throws(() => readRecording({ symbol: "BTC-PERP", path: "/none/x.csv" }), invalid);
  });
});
