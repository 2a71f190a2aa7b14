// Positions over their life on a scripted market: fills, profit, liquidation, and what the portfolio says.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Usdc, usdc } from "@holdfast/core";
import { btc, buy, micros, openDesk } from "../fixture/desk.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import type { Venue } from "../venue.ts";
import type { Side } from "./position.ts";

describe("open", () => {
  test("fills a long at the ask and a short at the bid, moved by its size", () => {
    const desk = openDesk(btc(["60000"]));
    const long = buy(desk, { amount: "1000" });
    const short = buy(desk, { side: "short", amount: "1000" });
    assert.equal(micros(long, "entry_price_micros"), usdc("60006.006000"));
    assert.equal(micros(short, "entry_price_micros"), usdc("59993.994001"));
  });

  test("takes margin and fee, and holds the margin apart", () => {
    const desk = openDesk(btc(["60000"]));
    const { venue, agent } = desk;
    const before = desk.available();
    const opened = buy(desk, { amount: "1000", leverage: 4 });
    const margin = micros(opened, "margin_micros");
    assert.equal(before - desk.available(), margin + micros(opened, "fee_micros"));
    assert.equal(BigInt(venue.balance(agent).held_micros ?? "0"), margin);
    assert.ok(margin <= usdc("250") && margin > usdc("249.99"));
  });

  test("makes a position of its own each time: nothing is netted", () => {
    const desk = openDesk(btc(["60000"]));
    const { venue, agent } = desk;
    const ids = ["long", "short", "long"].map((side) =>
      String(buy(desk, { side: side as Side, amount: "10" })["position_id"]),
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
    const desk = openDesk(btc(["60000", "66000"]));
    const { venue } = desk;
    const opened = buy(desk, { amount: "1000", leverage: 2 });
    await venue.advanceTo(START + HOUR_MS);
    const positionId = String(opened["position_id"]);
    const { body } = desk.send({ operation: "close", positionId });
    const realised = micros(body, "realised_pnl_micros");
    assert.ok(realised > usdc("99") && realised < usdc("100"));
    const fees = micros(opened, "fee_micros") + micros(body, "fee_micros");
    const funding = micros(body, "funding_micros");
    // An hour at 0.00125 % of 1,100 USDC.
    assert.ok(funding > 13_000n && funding < 14_000n);
    assert.equal(desk.available(), usdc("10000") + realised - fees - funding);
  });

  test("never loses more than the margin when the price jumps through it", async () => {
    const desk = openDesk(btc(["60000", "60000", "1000"], 1));
    const { venue, agent } = desk;
    buy(desk, { amount: "1000", leverage: 10 });
    const before = desk.available();
    await venue.advanceTo(START + 1_000);
    assert.deepEqual(venue.positions(agent), []);
    assert.equal(desk.available(), before);
  });

  test("never loses more than the margin when its own size moves the price through it", () => {
    const desk = openDesk(btc(["60000"]), { grant: usdc("1000000000") });
    const opened = buy(desk, { amount: "200000000", leverage: 26 });
    const positionId = String(opened["position_id"]);
    const { status, body } = desk.send({ operation: "close", positionId });
    assert.equal(status, 200);
    assert.equal(micros(body, "realised_pnl_micros"), -micros(opened, "margin_micros"));
    assert.equal(micros(body, "fee_micros"), 0n);
  });

  test("of everything closes each position, once under its key", async () => {
    const desk = openDesk(btc(["60000", "61000"]));
    const { venue, agent } = desk;
    for (const side of ["long", "short"] as const) buy(desk, { side, amount: "500" });
    await venue.advanceTo(START + HOUR_MS);
    const first = venue.execute({ operation: "close-all" }, { agent, key: "k" });
    buy(desk, { amount: "10" });
    const second = venue.execute({ operation: "close-all" }, { agent, key: "k" });
    assert.deepEqual([second.replayed, second.body], [true, first.body]);
    assert.equal((first.body["closed"] as unknown[]).length, 2);
    assert.equal(venue.positions(agent).length, 1);
  });
});

describe("liquidation", () => {
  test("takes a position when the mark reaches its price, with an event and a transaction", async () => {
    const desk = openDesk(btc(["60000", "54600", "54000"]));
    const { venue, agent } = desk;
    const opened = buy(desk, { amount: "1000", leverage: 10 });
    await venue.advanceTo(START + HOUR_MS);
    assert.equal(venue.positions(agent).length, 1);
    await venue.advanceTo(START + 2 * HOUR_MS);
    assert.deepEqual(venue.positions(agent), []);
    const positionId = String(opened["position_id"]);
    const closing = desk.send({ operation: "close", positionId });
    assert.deepEqual([closing.status, closing.body["closed_by"]], [409, "liquidation"]);
    const [last] = venue.transactions(agent, 10).filter(({ kind }) => kind === "liquidation");
    assert.equal(last?.outcome, "loss");
    assert.equal(last?.subject, positionId);
  });

  test("is looked at before a write: nobody trades on margin that is gone", async () => {
    const desk = openDesk(btc(["60000", "50000"]));
    const { venue } = desk;
    const positionId = String(buy(desk, { amount: "1000", leverage: 10 })["position_id"]);
    // The clock alone moves, as a real one would: nothing is looked at yet.
    await venue.clock.advanceTo(START + HOUR_MS);
    const closing = desk.send({ operation: "close", positionId });
    assert.equal(closing.body["closed_by"], "liquidation");
  });

  test("is no effect of the caller's in the audit", async () => {
    const desk = openDesk(btc(["60000", "50000"]));
    const { venue } = desk;
    buy(desk, { amount: "1000", leverage: 10 });
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
    const desk = openDesk(btc(["60000", "72000", "60000", "84000"]));
    const { venue, agent } = desk;
    buy(desk, { amount: "10000", leverage: 2 });
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
    const desk = openDesk(btc(["60000", "54000"]));
    const { venue, agent } = desk;
    buy(desk, { amount: "9000" });
    await venue.advanceTo(START + HOUR_MS);
    const before = venue.portfolio(agent);
    desk.send({ operation: "claim" });
    const after = venue.portfolio(agent);
    const gain = (field: "equity_micros" | "peak_equity_micros"): bigint =>
      BigInt(after[field]) - BigInt(before[field]);
    assert.deepEqual([gain("equity_micros"), gain("peak_equity_micros")], [1_000_000n, 1_000_000n]);
  });

  test("adds up: equity is available, margin and unrealised profit", () => {
    const desk = openDesk(btc(["60000"]));
    const { venue, agent } = desk;
    buy(desk, { amount: "1234.56", leverage: 3 });
    buy(desk, { side: "short", amount: "99", leverage: 7 });
    const one = venue.portfolio(agent);
    const sum =
      BigInt(one.available_micros) + BigInt(one.margin_micros) + BigInt(one.unrealised_pnl_micros);
    assert.equal(BigInt(one.equity_micros), sum);
    assert.equal(one.positions.length, 2);
  });
});
