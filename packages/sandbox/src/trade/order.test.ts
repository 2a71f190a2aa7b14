// Each type of order on a scripted market: what is filled at once, what waits and for how long, what it holds
// back, and how it ends.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { usdc } from "@holdfast/core";
import { type Body, type Desk, btc, buy, micros, openDesk, order } from "../fixture/desk.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";

const ONE = 100_000_000n;
const MINUTE_MS = 60_000;
const RICH = { grant: usdc("10000000") };

const now = ({ venue, agent }: Desk, placed: Body): Body => {
  return { ...venue.order(agent, String(placed["order_id"])) };
};

const figures = (body: Body): readonly unknown[] =>
  ["status", "reason", "filled_quantity"].map((name) => body[name]);

describe("a market order", () => {
  test("fills at once, at a price that its size has moved", () => {
    const desk = openDesk(btc(["60000"]), RICH);
    const { body } = desk.send(order({ quantity: ONE, leverage: 2 }));
    assert.deepEqual(figures(body), ["filled", null, "1.00000000"]);
    // The ask is 60,006; one BTC moves it by 6.0006 millionths.
    assert.equal(micros(body, "average_price_micros"), usdc("60006.360072"));
    assert.equal(desk.venue.positions(desk.agent)[0]?.position_id, body["position_id"]);
  });

  test("beyond the book is filled in part, and the rest cancelled", () => {
    const desk = openDesk(btc(["60000"]), { grant: usdc("900000000") });
    const size = { kind: "value", amount: usdc("800000000") } as const;
    const { body } = desk.send({ ...order({ quantity: 1n, leverage: 2 }), size });
    assert.deepEqual(figures(body).slice(0, 2), ["cancelled", "beyond_depth"]);
    const filled = micros(body, "filled_micros");
    assert.ok(filled > usdc("500000000") && filled < usdc("525000001"));
    assert.equal(micros(body, "reserved_micros"), 0n);
    assert.equal(desk.venue.positions(desk.agent).length, 1);
  });
});

describe("a limit order", () => {
  test("rests with margin and fee reserved, fills at its own price for the maker's fee", async () => {
    const desk = openDesk(btc(["60000", "58000"]));
    const before = desk.available();
    const { body } = desk.send(
      order({ type: "limit", quantity: ONE / 10n, limit: "59000", leverage: 2 }),
    );
    assert.deepEqual(figures(body), ["open", null, "0.00000000"]);
    const reserved = micros(body, "reserved_micros");
    assert.equal(reserved, usdc("2950") + usdc("2.95"));
    assert.equal(before - desk.available(), reserved);
    assert.equal(BigInt(desk.venue.portfolio(desk.agent).equity_micros), before);
    await desk.venue.advanceTo(START + HOUR_MS);
    const filled = now(desk, body);
    assert.deepEqual(figures(filled), ["filled", null, "0.10000000"]);
    assert.equal(micros(filled, "average_price_micros"), usdc("59000"));
    assert.equal(micros(filled, "fee_micros"), usdc("1.18"));
    assert.equal(before - desk.available(), usdc("2950") + usdc("1.18"));
    // The ask, 1/10,000 above a mark that falls by 2,000 an hour, is at 59,000 after 30:10.6.
    assert.equal(filled["updated_at"], new Date(START + 1_811_000).toISOString());
  });

  test("that meets the book fills up to its limit at once, and rests with what is left", () => {
    const desk = openDesk(btc(["60000"]), RICH);
    const { body } = desk.send(order({ type: "limit", quantity: 5n * ONE, limit: "60006.60006" }));
    // Ten millionths above the ask: 100,000 USDC, and no more.
    assert.deepEqual(figures(body), ["open", null, "1.66648335"]);
    assert.ok(micros(body, "average_price_micros") <= usdc("60006.60006"));
    assert.ok(micros(body, "reserved_micros") > usdc("200000"));
  });

  test("is filled in parts by the depth behind it, once a minute, into one position", async () => {
    const desk = openDesk(btc(["60000", "59000", "59000"], MINUTE_MS), RICH);
    // At 59,000 the ask is 59,005.90, one millionth below the limit: 20,000 USDC a minute.
    const { body } = desk.send(
      order({ type: "limit", quantity: 5n * ONE, limit: "59006", leverage: 5 }),
    );
    const seen: string[] = [];
    for (let minute = 1; minute <= 18; minute += 1) {
      await desk.venue.advanceTo(START + minute * MINUTE_MS);
      seen.push(String(now(desk, body)["filled_quantity"]));
    }
    const distinct = new Set(seen);
    assert.equal(seen.at(-1), "5.00000000");
    assert.ok(distinct.size > 8, seen.join(" "));
    assert.equal(desk.venue.positions(desk.agent).length, 1);
    const [position] = desk.venue.positions(desk.agent);
    assert.equal(position?.quantity, "5.00000000");
    assert.equal(BigInt(position?.entry_price_micros ?? ""), usdc("59006"));
    assert.equal(BigInt(desk.venue.portfolio(desk.agent).reserved_micros ?? ""), 0n);
  });

  test("gives its reservation back when it is cancelled, and cannot be cancelled twice", async () => {
    const desk = openDesk(btc(["60000", "70000"]));
    const before = desk.available();
    const placed = desk.send(order({ type: "limit", quantity: ONE / 10n, limit: "50000" }), "o1");
    const orderId = String(placed.body["order_id"]);
    const first = desk.send({ operation: "cancel-order", orderId }, "c1");
    assert.deepEqual(figures(first.body), ["cancelled", "by_caller", "0.00000000"]);
    assert.equal(desk.available(), before);
    const again = desk.send({ operation: "cancel-order", orderId });
    assert.deepEqual([again.status, again.body["code"]], [409, "order_ended"]);
    assert.deepEqual(desk.send({ operation: "cancel-order", orderId }, "c1").body, first.body);
    assert.deepEqual(
      desk.send(order({ type: "limit", quantity: ONE / 10n, limit: "50000" }), "o1").body,
      placed.body,
    );
    assert.equal(desk.venue.orders(desk.agent, 10).length, 1);
  });

  test("immediate or cancel leaves nothing resting", () => {
    const desk = openDesk(btc(["60000"]), RICH);
    const asked = { type: "limit", quantity: 5n * ONE, isImmediate: true } as const;
    const part = desk.send(order({ ...asked, limit: "60006.60006" })).body;
    assert.deepEqual(figures(part), ["cancelled", "immediate_or_cancel", "1.66648335"]);
    const none = desk.send(order({ ...asked, limit: "59000" })).body;
    assert.deepEqual(figures(none), ["cancelled", "immediate_or_cancel", "0.00000000"]);
    assert.equal(micros(none, "reserved_micros"), 0n);
  });

  test("to sell rests above the book", async () => {
    const desk = openDesk(btc(["60000", "62000"]));
    const { body } = desk.send(
      order({ type: "limit", side: "short", quantity: ONE / 10n, limit: "61000" }),
    );
    assert.equal(body["status"], "open");
    await desk.venue.advanceTo(START + HOUR_MS);
    assert.equal(now(desk, body)["status"], "filled");
    assert.equal(desk.venue.positions(desk.agent)[0]?.side, "short");
  });
});

describe("a stop and a take-profit", () => {
  const cases = [
    ["stop", "long", "61000", ["60000", "62000"]],
    ["stop", "short", "59000", ["60000", "58000"]],
    ["take_profit", "long", "59000", ["60000", "58000"]],
    ["take_profit", "short", "61000", ["60000", "62000"]],
  ] as const;
  for (const [type, side, trigger, prices] of cases) {
    test(`${type} ${side} goes to market when the mark reaches ${trigger}`, async () => {
      const desk = openDesk(btc(prices));
      const { body } = desk.send(order({ type, side, quantity: ONE / 100n, trigger }));
      assert.deepEqual([body["status"], body["reserved_micros"]], ["open", "0"]);
      await desk.venue.advanceTo(START + HOUR_MS / 2 - 1_000);
      assert.equal(now(desk, body)["status"], "open");
      await desk.venue.advanceTo(START + HOUR_MS);
      const after = now(desk, body);
      assert.equal(after["status"], "filled");
      assert.equal(after["updated_at"], new Date(START + HOUR_MS / 2).toISOString());
      const paid = Number(after["average_price"]);
      assert.ok(side === "long" ? paid > Number(trigger) : paid < Number(trigger));
    });
  }

  test("that finds no money when it is due is rejected, and says so", async () => {
    const desk = openDesk(btc(["60000", "62000"]));
    const { body } = desk.send(order({ type: "stop", quantity: ONE, trigger: "61000" }));
    await desk.venue.advanceTo(START + HOUR_MS);
    assert.deepEqual(figures(now(desk, body)), ["rejected", "insufficient_funds", "0.00000000"]);
    assert.equal(desk.available(), usdc("10000"));
  });
});

describe("a reduce-only order", () => {
  test("closes a part of the oldest positions of the other side, and opens none", async () => {
    const desk = openDesk(btc(["60000"]), RICH);
    desk.send(order({ quantity: ONE, leverage: 2 }));
    await desk.venue.advanceTo(START + 1);
    desk.send(order({ quantity: 2n * ONE, leverage: 2 }));
    const sell = { side: "short", reduceOnly: true } as const;
    const part = desk.send(order({ ...sell, quantity: ONE / 2n })).body;
    assert.deepEqual(figures(part), ["filled", null, "0.50000000"]);
    const quantities = (): readonly string[] =>
      desk.venue.positions(desk.agent).map(({ quantity }) => quantity);
    assert.deepEqual(quantities(), ["0.50000000", "2.00000000"]);
    const rest = desk.send(order({ ...sell, quantity: 9n * ONE })).body;
    assert.deepEqual(figures(rest), ["cancelled", "nothing_to_reduce", "2.50000000"]);
    assert.deepEqual(quantities(), []);
    const none = desk.send(order({ ...sell, quantity: ONE }));
    assert.deepEqual([none.status, none.body["code"]], [409, "nothing_to_reduce"]);
  });

  test("settles its share of margin and profit, and leaves the rest as it was", async () => {
    const desk = openDesk(btc(["60000", "66000"]), RICH);
    desk.send(order({ quantity: 2n * ONE, leverage: 4 }));
    const [before] = desk.venue.positions(desk.agent);
    await desk.venue.advanceTo(START + HOUR_MS - 1_000);
    desk.send(order({ side: "short", reduceOnly: true, quantity: ONE }));
    const [after] = desk.venue.positions(desk.agent);
    const margins = [before, after].map((one) => BigInt(one?.margin_micros ?? ""));
    assert.equal(margins[1], (margins[0] ?? 0n) / 2n);
    assert.equal(after?.entry_price_micros, before?.entry_price_micros);
    assert.equal(after?.liquidation_price_micros, before?.liquidation_price_micros);
    const gain = desk.venue.transactions(desk.agent, 20).find(({ kind }) => kind === "profit");
    assert.ok(Number(gain?.pnl_usdc) > 5_900 && Number(gain?.pnl_usdc) < 6_000);
  });

  test("of one position guards it as stop-loss and take-profit, and ends with it", async () => {
    const desk = openDesk(btc(["60000", "64000"]));
    const positionId = String(buy(desk, { amount: "6000" })["position_id"]);
    const guard = { side: "short", reduceOnly: true, positionId, quantity: ONE / 10n } as const;
    const stop = desk.send(order({ ...guard, type: "stop", trigger: "58000" })).body;
    const profit = desk.send(order({ ...guard, type: "take_profit", trigger: "63000" })).body;
    await desk.venue.advanceTo(START + HOUR_MS);
    assert.deepEqual(desk.venue.positions(desk.agent), []);
    const { body } = desk.send({ operation: "close", positionId });
    assert.deepEqual([body["code"], body["closed_by"]], ["position_closed", "order"]);
    assert.equal(now(desk, stop)["reason"], "position_closed");
    const taken = now(desk, profit);
    assert.deepEqual([taken["status"], taken["reason"]], ["cancelled", "nothing_to_reduce"]);
    assert.ok(Number(taken["filled_quantity"]) > 0.09);
  });

  test("waits at its limit, too", async () => {
    const desk = openDesk(btc(["60000", "62000"]));
    buy(desk, { amount: "6000" });
    const sell = { type: "limit", side: "short", reduceOnly: true } as const;
    const { body } = desk.send(order({ ...sell, quantity: ONE / 20n, limit: "61000" }));
    assert.equal(body["reserved_micros"], "0");
    await desk.venue.advanceTo(START + HOUR_MS);
    assert.equal(now(desk, body)["status"], "filled");
    assert.equal(now(desk, body)["average_price_micros"], "61000000000");
  });
});

describe("an order is refused", () => {
  const limit = { type: "limit", limit: "59000" } as const;
  const cases = [
    ["unknown_symbol", order({ quantity: ONE, symbol: "DOGE-PERP" })],
    ["leverage_too_high", order({ quantity: ONE, leverage: 50, symbol: "SOL-PERP" })],
    ["insufficient_funds", order({ quantity: ONE })],
    ["insufficient_funds", order({ quantity: ONE, ...limit })],
    ["size_too_large", order({ quantity: 20_000n * ONE, ...limit, leverage: 50 })],
    ["size_too_small", order({ quantity: 1n, type: "limit", limit: "0.000001" })],
    ["unknown_position", order({ quantity: ONE, reduceOnly: true, positionId: "pos_0" })],
    ["nothing_to_reduce", order({ quantity: ONE, reduceOnly: true })],
  ] as const;
  for (const [index, [code, command]] of cases.entries()) {
    test(`with ${code}, and nothing has happened (${index + 1})`, () => {
      const desk = openDesk(btc(["60000"]));
      const { status, body } = desk.send(command);
      assert.equal(body["code"], code);
      assert.ok(status >= 400 && status < 500);
      assert.deepEqual(desk.venue.orders(desk.agent, 10), []);
      assert.equal(desk.available(), usdc("10000"));
    });
  }
});
