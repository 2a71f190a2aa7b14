// Positions over their life on a scripted market: fills, profit, liquidation, and what the portfolio says.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Usdc, usdc } from "@holdfast/core";
import type { ScriptedPath } from "../market/script.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { type Venue, createVenue } from "../venue.ts";
import type { Side } from "./position.ts";

/** BTC at these prices, an hour apart. */
function btc(...prices: readonly string[]): ScriptedPath {
  const points = prices.map((price, hour) => ({ at: START + hour * HOUR_MS, price }));
  return { symbol: "BTC-PERP", points };
}

function open(
  script: ScriptedPath,
  grant = usdc("10000"),
): { readonly venue: Venue; readonly agent: string } {
  const venue = createVenue({
    path: ":memory:",
    clock: { mode: "frozen", now: START },
    scripts: [script],
    grant,
    verify: true,
  });
  const command = { operation: "register", name: "a", description: "" } as const;
  const { body } = venue.execute(command, { agent: "" });
  return { venue, agent: String(body["agent_id"]) };
}

function buy(
  venue: Venue,
  agent: string,
  order: { side?: Side; amount: string; leverage?: number },
): Readonly<Record<string, unknown>> {
  const { side = "long", amount, leverage = 1 } = order;
  const size = { kind: "value", amount: usdc(amount) } as const;
  const symbol = "BTC-PERP";
  return venue.execute({ operation: "open", symbol, side, size, leverage }, { agent }).body;
}

const micros = (body: Readonly<Record<string, unknown>>, field: string): bigint =>
  BigInt(String(body[field]));

const balance = (venue: Venue, agent: string): bigint => BigInt(venue.balance(agent).usdc_micros);

describe("open", () => {
  test("fills a long at the ask and a short at the bid, moved by its size", () => {
    const { venue, agent } = open(btc("60000"));
    const long = buy(venue, agent, { amount: "1000" });
    const short = buy(venue, agent, { side: "short", amount: "1000" });
    assert.equal(micros(long, "entry_price_micros"), usdc("60006.006000"));
    assert.equal(micros(short, "entry_price_micros"), usdc("59993.994001"));
  });

  test("takes margin and fee, and holds the margin apart", () => {
    const { venue, agent } = open(btc("60000"));
    const before = balance(venue, agent);
    const opened = buy(venue, agent, { amount: "1000", leverage: 4 });
    const margin = micros(opened, "margin_micros");
    assert.equal(before - balance(venue, agent), margin + micros(opened, "fee_micros"));
    assert.equal(BigInt(venue.balance(agent).held_micros ?? "0"), margin);
    assert.ok(margin <= usdc("250") && margin > usdc("249.99"));
  });

  test("makes a position of its own each time: nothing is netted", () => {
    const { venue, agent } = open(btc("60000"));
    const ids = ["long", "short", "long"].map((side) =>
      String(buy(venue, agent, { side: side as Side, amount: "10" })["position_id"]),
    );
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(
      venue
        .positions(agent)
        .map(({ position_id: id }) => id)
        .toSorted(),
      ids.toSorted(),
    );
  });
});

describe("close", () => {
  test("pays the profit, less both fees", async () => {
    const { venue, agent } = open(btc("60000", "66000"));
    const opened = buy(venue, agent, { amount: "1000", leverage: 2 });
    await venue.advanceTo(START + HOUR_MS);
    const positionId = String(opened["position_id"]);
    const { body } = venue.execute({ operation: "close", positionId }, { agent });
    const realised = micros(body, "realised_pnl_micros");
    assert.ok(realised > usdc("99") && realised < usdc("100"));
    const fees = micros(opened, "fee_micros") + micros(body, "fee_micros");
    assert.equal(balance(venue, agent), usdc("10000") + realised - fees);
  });

  test("never loses more than the margin when the price jumps through it", async () => {
    const { venue, agent } = open(btc("60000", "60000", "1000"));
    buy(venue, agent, { amount: "1000", leverage: 10 });
    const before = balance(venue, agent);
    await venue.advanceTo(START + 2 * HOUR_MS);
    assert.deepEqual(venue.positions(agent), []);
    assert.equal(balance(venue, agent), before);
  });

  test("never loses more than the margin when its own size moves the price through it", () => {
    const { venue, agent } = open(btc("60000"), usdc("1000000000"));
    const opened = buy(venue, agent, { amount: "200000000", leverage: 26 });
    const positionId = String(opened["position_id"]);
    const { status, body } = venue.execute({ operation: "close", positionId }, { agent });
    assert.equal(status, 200);
    assert.equal(micros(body, "realised_pnl_micros"), -micros(opened, "margin_micros"));
    assert.equal(micros(body, "fee_micros"), 0n);
  });

  test("of everything closes each position, once under its key", async () => {
    const { venue, agent } = open(btc("60000", "61000"));
    for (const side of ["long", "short"] as const) buy(venue, agent, { side, amount: "500" });
    await venue.advanceTo(START + HOUR_MS);
    const first = venue.execute({ operation: "close-all" }, { agent, key: "k" });
    buy(venue, agent, { amount: "10" });
    const second = venue.execute({ operation: "close-all" }, { agent, key: "k" });
    assert.deepEqual([second.replayed, second.body], [true, first.body]);
    assert.equal((first.body["closed"] as unknown[]).length, 2);
    assert.equal(venue.positions(agent).length, 1);
  });
});

describe("liquidation", () => {
  test("takes a position when the mark reaches its price, with an event and a transaction", async () => {
    const { venue, agent } = open(btc("60000", "54600", "54000"));
    const opened = buy(venue, agent, { amount: "1000", leverage: 10 });
    await venue.advanceTo(START + HOUR_MS);
    assert.equal(venue.positions(agent).length, 1);
    await venue.advanceTo(START + 2 * HOUR_MS);
    assert.deepEqual(venue.positions(agent), []);
    const positionId = String(opened["position_id"]);
    const closing = venue.execute({ operation: "close", positionId }, { agent });
    assert.deepEqual([closing.status, closing.body["closed_by"]], [409, "liquidation"]);
    const [last] = venue.transactions(agent, 10).filter(({ kind }) => kind === "liquidation");
    assert.equal(last?.outcome, "loss");
    assert.equal(last?.subject, positionId);
  });

  test("is looked at before a write: nobody trades on margin that is gone", async () => {
    const { venue, agent } = open(btc("60000", "50000"));
    const positionId = String(buy(venue, agent, { amount: "1000", leverage: 10 })["position_id"]);
    // The clock alone moves, as a real one would: nothing is looked at yet.
    await venue.clock.advanceTo(START + HOUR_MS);
    const closing = venue.execute({ operation: "close", positionId }, { agent });
    assert.equal(closing.body["closed_by"], "liquidation");
  });

  test("is no effect of the caller's in the audit", async () => {
    const { venue, agent } = open(btc("60000", "50000"));
    buy(venue, agent, { amount: "1000", leverage: 10 });
    await venue.advanceTo(START + HOUR_MS);
    assert.deepEqual(
      venue.effects({}, 0, 10).map(({ operation }) => operation),
      ["register", "open"],
    );
  });
});

describe("portfolio", () => {
  const figures = (venue: Venue, agent: string): readonly [Usdc, number] => {
    const { equity_micros: equity, drawdown_fraction: drawdown } = venue.portfolio(agent);
    return [BigInt(equity) as Usdc, drawdown];
  };

  test("measures the drawdown from the highest equity seen, and keeps it when it recovers", async () => {
    const { venue, agent } = open(btc("60000", "72000", "60000", "84000"));
    buy(venue, agent, { amount: "10000", leverage: 2 });
    await venue.advanceTo(START + HOUR_MS);
    const [top, none] = figures(venue, agent);
    assert.ok(top > usdc("11980") && none === 0);
    await venue.advanceTo(START + 2 * HOUR_MS);
    const [low, drawdown] = figures(venue, agent);
    assert.ok(Math.abs(drawdown - Number(top - low) / Number(top)) < 1e-6);
    assert.ok(drawdown > 0.16 && drawdown < 0.17);
    await venue.advanceTo(START + 3 * HOUR_MS);
    assert.equal(figures(venue, agent)[1], 0);
  });

  test("is not moved by what is paid in", async () => {
    const { venue, agent } = open(btc("60000", "54000"));
    buy(venue, agent, { amount: "9000" });
    await venue.advanceTo(START + HOUR_MS);
    const before = venue.portfolio(agent);
    venue.execute({ operation: "claim" }, { agent });
    const after = venue.portfolio(agent);
    const gain = (field: "equity_micros" | "peak_equity_micros"): bigint =>
      BigInt(after[field]) - BigInt(before[field]);
    assert.deepEqual([gain("equity_micros"), gain("peak_equity_micros")], [1_000_000n, 1_000_000n]);
  });

  test("adds up: equity is available, margin and unrealised profit", () => {
    const { venue, agent } = open(btc("60000"));
    buy(venue, agent, { amount: "1234.56", leverage: 3 });
    buy(venue, agent, { side: "short", amount: "99", leverage: 7 });
    const one = venue.portfolio(agent);
    const sum =
      BigInt(one.available_micros) + BigInt(one.margin_micros) + BigInt(one.unrealised_pnl_micros);
    assert.equal(BigInt(one.equity_micros), sum);
    assert.equal(one.positions.length, 2);
  });
});
