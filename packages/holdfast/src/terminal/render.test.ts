// The live view fits every terminal, shows what matters, and cannot be steered by what others wrote.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type RunStatus, type RunSummary, usdc } from "@holdfast/core";
import { cents, signed, sparkline } from "./figures.ts";
import type { Model } from "./model.ts";
import { render } from "./render.ts";
import { clean, clip } from "./text.ts";

const run = (id: string, status: RunStatus, wakeAt?: number): RunSummary => ({
  id,
  runId: `run_${id}`,
  workflow: "agents.dca",
  account: "default",
  status,
  generation: 0,
  startedAt: 0,
  closedAt: undefined,
  wakeAt,
  historyLength: 1,
  parent: undefined,
  tags: {},
});

const position = { symbol: "BTC-PERP", side: "long", size: usdc("25"), unrealised: usdc("-0.5") };

const model: Model = {
  now: 1_000_000,
  prices: [
    { symbol: "BTC-PERP", price: usdc("64424.005") },
    { symbol: "ETH-PERP", price: usdc("3000") },
  ],
  accounts: [
    {
      account: "default",
      equity: usdc("10000.96"),
      unrealised: usdc("-1.5"),
      drawdown: 0.0123,
      positions: Array.from({ length: 9 }, () => position),
      trades: [
        {
          id: "tx_2",
          date: "2026-01-01T00:00:02.000Z",
          kind: "margin",
          amount: usdc("-12.5"),
          ref: "dca/1",
        },
        {
          id: "tx_1",
          date: "2026-01-01T00:00:01.000Z",
          kind: "faucet",
          amount: usdc("1"),
          ref: null,
        },
      ],
    },
  ],
  runs: [run("dca-btc", "running", 1_004_200), run("odd", "in-doubt")],
  audit: { effects: 5, refs: 5, duplicateEffects: 0 },
  problem: undefined,
};

const footer = [
  "Ctrl-C stops.",
  "state .holdfast",
  "audit http://127.0.0.1:1/_sandbox/audit?token=x",
];
const view = { model, series: [1, 2, 3, 2], footer, color: false };

test("render() shows price, equity, positions, runs with their wake, trades, audit and how to stop", () => {
  const text = render({ ...view, width: 120, height: 40 }).join("\n");
  for (const part of [
    /BTC-PERP 64,424\.01 {2}▁▅█▅ {2}ETH-PERP 3,000\.00/u,
    /default {2}equity 10,000\.96 {2}pnl -1\.50 {2}drawdown 1\.23 % {2}positions 9/u,
    / {2}BTC-PERP long 25\.00 {2}-0\.50/u,
    / {2}and 6 more/u,
    / {2}dca-btc {3}running +agents\.dca {2}wakes in 5 s/u,
    / {2}odd +in-doubt/u,
    /00:00:02 {2}opened +12\.50 {2}dca\/1\n +00:00:01 {2}faucet/u,
    /5 effects for 5 intents, 0 twice/u,
    /Ctrl-C stops\./u,
  ]) {
    assert.match(text, part);
  }
});

test("render() keeps within every size, and says how to stop in the smallest", () => {
  for (const width of [1, 8, 20, 40, 80, 200]) {
    for (const height of [1, 2, 3, 5, 10, 24, 60]) {
      for (const color of [true, false]) {
        const lines = render({ ...view, color, width, height });
        assert.ok(lines.length <= height, `${lines.length} lines in ${height}`);
        for (const line of lines) {
          // oxlint-disable-next-line no-control-regex
          const shown = line.replace(/\u001b\[[0-9;]*m/gu, "");
          assert.ok(Array.from(shown).length <= width, `${shown} in ${width}`);
        }
        if (width >= 20) assert.ok(lines.some((line) => line.includes("Ctrl-C stops.")));
      }
    }
  }
});

test("render() shows an empty project and a venue that is away", () => {
  const away: Model = {
    now: 0,
    prices: [],
    accounts: [],
    runs: [],
    audit: undefined,
    problem: "Cannot reach the venue",
  };
  const text = render({ ...view, model: away, series: [], width: 60, height: 20 }).join("\n");
  assert.match(text, /Cannot reach the venue/u);
});

test("render() lets nobody's text steer the terminal", () => {
  const evil = "\u001b[2J\u0007\u009b1A\u202eevil";
  const hostile: Model = {
    ...model,
    problem: evil,
    prices: [{ symbol: evil, price: usdc("1") }],
    runs: [run(evil, "running")],
    accounts: model.accounts.map((account) => ({
      ...account,
      positions: [{ ...position, symbol: evil, side: evil }],
      trades: [{ id: "t", date: evil, kind: evil, amount: usdc("1"), ref: evil }],
    })),
  };
  const text = render({ ...view, model: hostile, width: 200, height: 60 }).join("\n");
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/u);
  assert.match(text, /evil/u);
});

test("figures are rounded to the cent, signed, and drawn from the lowest to the highest", () => {
  assert.deepEqual(
    ["0", "0.004999", "0.005", "-0.005", "1234567.891", "-1000"].map((text) => cents(usdc(text))),
    ["0.00", "0.00", "0.01", "-0.01", "1,234,567.89", "-1,000.00"],
  );
  assert.deepEqual([signed(usdc("1")), signed(usdc("-1"))], ["+1.00", "-1.00"]);
  assert.equal(sparkline([], 10), "");
  assert.equal(sparkline([5, 5], 10), "▄▄");
  assert.equal(sparkline([9, 1, 2, 3], 3), "▁▅█");
});

test("clip() counts characters, not colours; clean() leaves letters alone", () => {
  assert.equal(clip("\u001b[31mabcdef\u001b[39m", 3), "\u001b[31mabc\u001b[39m");
  assert.equal(clip("a🙂b", 2), "a🙂");
  assert.equal(clean("Zürich 🙂 ≥ 5"), "Zürich 🙂 ≥ 5");
});
