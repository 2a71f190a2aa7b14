// What falls due by itself: in due order, at its own instant, once, whoever looks and however often, and over a
// restart.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { usdc } from "@holdfast/core";
import { type Desk, btc, buy, deskOf, micros, openDesk, order } from "../fixture/desk.ts";
import { HOUR_MS, START, testFolder } from "../fixture/kit.ts";
import { createVenue } from "../venue.ts";

const ONE = 100_000_000n;
const RICH = { grant: usdc("10000000") };

/** What an agent sees of its past and present, without what differs by venue. */
function trace({ venue, agent }: Desk): unknown {
  return {
    transactions: venue.transactions(agent, 1_000),
    orders: venue.orders(agent, 100),
    portfolio: venue.portfolio(agent),
  };
}

/** Orders and positions of every kind on the generated market. */
function populate(desk: Desk): void {
  const { venue } = desk;
  for (const symbol of ["BTC-PERP", "ETH-PERP", "SOL-PERP"]) {
    const pair = venue.market.pair(symbol);
    if (pair === undefined) continue;
    const { mark } = venue.market.quote(pair, START);
    const at = (permille: bigint): string => {
      const price = (mark * permille) / 1_000n;
      return `${price / 1_000_000n}.${(price % 1_000_000n).toString().padStart(6, "0")}`;
    };
    const quantity = (usdc("3000") * ONE) / mark;
    for (const leverage of [10, 20]) desk.send(order({ symbol, quantity, leverage }));
    desk.send(order({ symbol, quantity, leverage: 20, side: "short" }));
    desk.send(order({ symbol, type: "limit", quantity, limit: at(990n), leverage: 3 }));
    desk.send(order({ symbol, type: "limit", side: "short", quantity, limit: at(1_010n) }));
    desk.send(order({ symbol, type: "stop", quantity, trigger: at(1_015n), leverage: 5 }));
    const close = { symbol, side: "short", reduceOnly: true, quantity: quantity / 3n } as const;
    desk.send(order({ ...close, type: "take_profit", trigger: at(1_020n) }));
    desk.send(order({ ...close, type: "stop", trigger: at(985n) }));
  }
}

describe("settleDue()", () => {
  const options = { scripts: [], seed: "due", identitySeed: "due", ...RICH };
  const DAY_MS = 24 * HOUR_MS;

  test("has one outcome, however often somebody looks", async () => {
    const [once, often] = [openDesk(btc([]), options), openDesk(btc([]), options)] as const;
    for (const desk of [once, often]) populate(desk);
    for (let look = 1; look <= 300; look += 1) {
      await often.venue.advanceTo(START + Math.floor((look * 7 * DAY_MS) / 300));
    }
    await once.venue.advanceTo(START + 7 * DAY_MS);
    assert.deepEqual(trace(often), trace(once));
    const ended = once.venue.orders(once.agent, 100).filter(({ status }) => status !== "open");
    assert.ok(ended.length > 8, `only ${ended.length} orders ended`);
    const kinds = new Set(once.venue.transactions(once.agent, 1_000).map(({ kind }) => kind));
    for (const kind of ["liquidation", "funding", "hold", "profit"])
      assert.ok(kinds.has(kind), kind);
  });

  test("does once, after a restart, what fell due meanwhile, as if it had never stopped", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const settings = { ...options, verify: true, clock: { mode: "frozen", now: START } } as const;
    const running = openDesk(btc([]), options);
    populate(running);
    await running.venue.advanceTo(START + 7 * DAY_MS);

    let agent: string;
    {
      using venue = createVenue({ ...settings, path });
      const registered = venue.execute(
        { operation: "register", name: "a", description: "" },
        { agent: "" },
      );
      agent = String(registered.body["agent_id"]);
      populate(deskOf(venue, agent));
      await venue.advanceTo(START + DAY_MS);
    }
    for (let restart = 0; restart < 3; restart += 1) {
      const clock = { mode: "frozen", now: START + 7 * DAY_MS } as const;
      using venue = createVenue({ ...settings, path, clock });
      assert.deepEqual(trace(deskOf(venue, agent)), trace(running));
    }
  });

  test("carries out in due order: what is due first has the money", async () => {
    const desk = openDesk(btc(["60000", "62000"]), { grant: usdc("1000") });
    const stop = { type: "stop", quantity: ONE / 100n } as const;
    const late = desk.send(order({ ...stop, trigger: "61500" })).body;
    const early = desk.send(order({ ...stop, trigger: "60500" })).body;
    await desk.venue.advanceTo(START + HOUR_MS);
    const status = (placed: typeof late): unknown =>
      desk.venue.order(desk.agent, String(placed["order_id"]))?.status;
    assert.deepEqual([status(early), status(late)], ["filled", "rejected"]);
  });

  test("is done before a write at a later instant", async () => {
    const desk = openDesk(btc(["60000", "58000"]));
    const placed = desk.send(order({ type: "limit", quantity: ONE / 10n, limit: "59000" })).body;
    // The clock alone moves, as a real one would: nobody has looked yet.
    await desk.venue.clock.advanceTo(START + HOUR_MS);
    const orderId = String(placed["order_id"]);
    const { status, body } = desk.send({ operation: "cancel-order", orderId });
    assert.deepEqual([status, body["order_status"]], [409, "filled"]);
  });

  test("does nothing before its time when the clock was set back", async () => {
    const desk = openDesk(btc(["60000", "60000", "58000"]));
    desk.venue.positions(desk.agent);
    await desk.venue.advanceTo(START + HOUR_MS);
    assert.ok(desk.venue.setClock("frozen", START));
    const { body } = desk.send(order({ type: "limit", quantity: ONE / 10n, limit: "59000" }));
    const shown = (): unknown => desk.venue.order(desk.agent, String(body["order_id"]))?.status;
    await desk.venue.advanceTo(START + HOUR_MS);
    assert.equal(shown(), "open");
    await desk.venue.advanceTo(START + 2 * HOUR_MS);
    assert.equal(shown(), "filled");
  });
});

describe("liquidation", () => {
  test("at market gives back what is left, less the fee", async () => {
    const desk = openDesk(btc(["60000", "54000"]));
    const opened = buy(desk, { amount: "6000", leverage: 10 });
    const before = desk.available();
    await desk.venue.advanceTo(START + HOUR_MS);
    const got = desk.available() - before;
    // The maintenance margin of 1 % of 5,460, less the fee, half the spread, and up to a second's move.
    assert.ok(got > usdc("50") && got < usdc("54"), String(got));
    const kinds = desk.venue.transactions(desk.agent, 4).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["fee", "margin-return", "liquidation", "fee"]);
    assert.ok(micros(opened, "margin_micros") > got);
  });

  test("through two thirds of the maintenance margin leaves the rest to the insurance", async () => {
    // From 54,700 to 54,200 in one second: equity is then about 0.4 % of the value.
    const points = [
      { at: START, price: "60000" },
      { at: START + 1_001, price: "54700" },
      { at: START + 1_999, price: "54200" },
    ];
    const desk = openDesk({ symbol: "BTC-PERP", points }, { path: ":memory:" });
    buy(desk, { amount: "6000", leverage: 10 });
    const before = desk.available();
    await desk.venue.advanceTo(START + 2_000);
    assert.deepEqual(desk.venue.positions(desk.agent), []);
    assert.equal(desk.available(), before);
    const seized = desk.venue.transactions(desk.agent, 9).find(({ kind }) => kind === "insurance");
    assert.equal(seized?.amount_micros, "0");
  });

  test("of a gap takes the whole margin, and the insurance covers what it holds", async () => {
    const points = [
      { at: START, price: "60000" },
      { at: START + 1_001, price: "54700" },
      { at: START + 1_999, price: "54200" },
      { at: START + 60_000, price: "60000" },
      { at: START + 120_001, price: "60000" },
      { at: START + 120_002, price: "50000" },
    ];
    const desk = openDesk({ symbol: "BTC-PERP", points });
    // The first one leaves about 20 USDC to the insurance.
    buy(desk, { amount: "6000", leverage: 10 });
    await desk.venue.advanceTo(START + 60_000);
    buy(desk, { amount: "600", leverage: 10 });
    const before = desk.available();
    await desk.venue.advanceTo(START + 180_000);
    assert.equal(desk.available(), before);
    const rows = desk.venue.transactions(desk.agent, 20);
    assert.ok(rows.some(({ kind }) => kind === "insurance-cover"));
    assert.deepEqual(
      desk.venue.checkInvariants().filter(({ holds }) => !holds),
      [],
    );
  });
});
