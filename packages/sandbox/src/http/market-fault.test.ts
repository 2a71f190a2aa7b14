// Faults of market data over real HTTP: what a reader is told, what the client refuses, and that the venue trades
// on right prices all the while.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HoldfastError, usdc } from "@holdfast/core";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { btc } from "../fixture/desk.ts";
import { HOUR_MS, START, call, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";

const SCRIPTS = [btc(["60000", "61000", "62000"])];

interface Told {
  readonly symbol: string;
  readonly price: number;
  readonly bid: number;
  readonly ask: number;
  readonly price_micros: string;
  readonly timestamp_ms: number;
}

async function priceOf(sandbox: Sandbox, symbol = "BTC-PERP"): Promise<Told> {
  const { text } = await call(`${sandbox.url}/api/market/prices`);
  const { pairs } = JSON.parse(text) as { readonly pairs: readonly Told[] };
  const found = pairs.find((one) => one.symbol === symbol);
  assert.ok(found);
  return found;
}

async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  return (await promise.then(
    () => assert.fail("it was answered"),
    (caught: unknown) => caught,
  )) as HoldfastError;
}

describe("stale", () => {
  test("lets prices and candles stand still since it was armed, and orders fill at the right ones", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    const before = await priceOf(sandbox);
    sandbox.faults.add({ kind: "stale", seconds: 7_200 });
    await sandbox.venue.advanceTo(START + HOUR_MS);
    assert.deepEqual(await priceOf(sandbox), before);
    const candles = async (): Promise<readonly { readonly timestamp_ms: number }[]> =>
      (
        JSON.parse((await call(`${sandbox.url}/api/market/candles?symbol=BTC&limit=1`)).text) as {
          candles: [];
        }
      ).candles;
    assert.equal((await candles())[0]?.timestamp_ms, START - 60_000);
    const opened = await agent.post("/api/v1/trade", { symbol: "BTC", side: "long", size: 100 });
    assert.ok(opened.body.entry_price > 60_900);
    await sandbox.venue.advanceTo(START + 2 * HOUR_MS);
    assert.equal((await priceOf(sandbox)).timestamp_ms, START + 2 * HOUR_MS);
    assert.ok((await priceOf(sandbox)).price > 61_900);
    assert.equal((await candles())[0]?.timestamp_ms, START + 2 * HOUR_MS - 60_000);
  });

  test("can hide it behind a timestamp that moves", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const before = await priceOf(sandbox);
    await sandbox.venue.advanceTo(START + HOUR_MS);
    sandbox.faults.add({ kind: "stale", since: START, timestamp: "moves" });
    const told = await priceOf(sandbox);
    assert.deepEqual([told.price, told.timestamp_ms], [before.price, START + HOUR_MS]);
  });
});

describe("nan", () => {
  test("is the bare word, the quoted one, or null; the client refuses each as unreadable", async () => {
    for (const as of ["literal", "text", "null"] as const) {
      await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
      const { apiKey } = await registerAgent(sandbox);
      const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey });
      sandbox.faults.add({ kind: "nan", as, symbol: "BTC" });
      const text = await (await fetch(`${sandbox.url}/api/market/prices`)).text();
      const written = { literal: '"price":NaN', text: '"price":"NaN"', null: '"price":null' }[as];
      assert.equal(text.split(written).length - 1, 1);
      for (const read of [
        client.market.prices(),
        client.market.candles({ symbol: "BTC", interval: "1m", limit: 3 }),
      ]) {
        const error = await failureOf(read);
        assert.deepEqual([error.code, error.class], ["HF-VENUE-UNREADABLE", "data"]);
      }
      await client.market.candles({ symbol: "ETH", interval: "1m", limit: 3 });
    }
  });
});

describe("spike", () => {
  test("multiplies the prices of one pair for the reader only", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    const agent = await registerAgent(sandbox);
    const right = await priceOf(sandbox);
    const other = await priceOf(sandbox, "ETH-PERP");
    sandbox.faults.add({ kind: "spike", factor: 1.5, symbol: "BTC-PERP", count: 3 });
    const told = await priceOf(sandbox);
    assert.equal(BigInt(told.price_micros), (BigInt(right.price_micros) * 3n) / 2n);
    assert.ok(told.bid < told.ask);
    assert.deepEqual(await priceOf(sandbox, "ETH-PERP"), other);
    const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey: agent.apiKey });
    await sandbox.venue.advanceTo(START + HOUR_MS);
    const [candle] = await client.market.candles({ symbol: "BTC", interval: "1m", limit: 1 });
    assert.ok(candle !== undefined && candle.close_micros > usdc("91000"));
    assert.equal(candle.high_micros, candle.close_micros);
    assert.ok(candle.low_micros < usdc("62000"));
    assert.ok((await priceOf(sandbox)).price < 61_100);
  });
});

describe("crossed", () => {
  test("shows a bid above the ask", async () => {
    await using sandbox = await openTestSandbox({ scripts: SCRIPTS });
    sandbox.faults.add({ kind: "crossed", ppm: 2_000, count: 1 });
    const crossed = await priceOf(sandbox);
    assert.ok(crossed.bid > crossed.ask);
    const right = await priceOf(sandbox);
    assert.ok(right.bid < right.ask);
    assert.deepEqual([crossed.bid, crossed.ask], [right.price * 1.002, right.price * 0.998]);
  });
});
