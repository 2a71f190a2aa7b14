// Random operations of several agents over weeks of a generated market: whatever is asked, in whatever order and
// however often, is done or refused by a known code, and every invariant of the ledger holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { micros, usdc } from "@holdfast/core";
import { PROBLEM_CODES } from "@holdfast/purpleflea/wire";
import type { WantedBet } from "./casino/command.ts";
import type { Command } from "./command/command.ts";
import { type Chance, createChance } from "./fixture/chance.ts";
import { START } from "./fixture/kit.ts";
import { type Venue, createVenue } from "./venue.ts";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
/** Operations at one venue, and at all together. */
const PER_VENUE = 2_000;
const OPERATIONS = everything ? 1_000_000 : 20_000;
/** Operations after each of which everything is checked. */
const VERIFIED = 200;

const SYMBOLS = ["BTC-PERP", "ETH-PERP", "SOL-PERP"];
const SIDES = ["long", "short"] as const;
const TYPES = ["market", "limit", "stop", "take_profit"] as const;
const FORMULAS = ["hyperliquid", "gate", "bybit"] as const;

function openVenue(seed: string, verify: boolean, chance: Chance): Venue {
  return createVenue({
    path: ":memory:",
    clock: { mode: "frozen", now: START },
    grant: usdc(chance.pick(["1", "10000", "50000000"])),
    rules: { liquidation: chance.pick(FORMULAS) },
    identitySeed: seed,
    seed,
    verify,
  });
}

/** One agent's next command, sensible or not. */
function next(venue: Venue, agent: string, chance: Chance): Command {
  const symbol = chance.pick(SYMBOLS);
  const side = chance.pick(SIDES);
  const leverage = chance.pick([1, 2, 3, 10, 20, 50]);
  const size = chance.pick([
    { kind: "value", amount: micros(chance.magnitude(15)) } as const,
    { kind: "quantity", quantity: chance.magnitude(12) } as const,
  ]);
  const position = (): string => {
    const known = venue.positions(agent).map(({ position_id: id }) => id);
    return chance.pick([...known, "pos_none"]);
  };
  switch (chance.whole(10)) {
    case 0:
      if (chance.whole(2) === 0) return wager(chance);
      return { operation: "claim" };
    case 1:
    case 2:
      return { operation: "open", symbol, side, size, leverage };
    case 3:
      return { operation: "close", positionId: position() };
    case 4: {
      const ids = venue.orders(agent, 20, "open").map(({ order_id: id }) => id);
      return { operation: "cancel-order", orderId: chance.pick([...ids, "order_none"]) };
    }
    case 5:
      return chance.whole(4) === 0
        ? { operation: "close-all" }
        : { operation: "deposit", asset: "USDC", amount: chance.magnitude(10) };
    case 6: {
      const asset = chance.pick(["USDC", "BTC"] as const);
      return { operation: "withdraw", asset, amount: chance.magnitude(11), address: undefined };
    }
    default:
      return order(venue, { symbol, side, size, leverage, position }, chance);
  }
}

function wager(chance: Chance): Command {
  if (chance.whole(9) === 0) return { operation: "rotate-seed", clientSeed: undefined };
  const amount = micros(chance.magnitude(12));
  const bet = chance.pick<WantedBet>([
    { game: "crash", cashOut: (101 + chance.whole(900_000)) / 100 },
    { game: "coinflip", side: chance.pick(["heads", "tails"] as const) },
    { game: "dice", target: 1 + chance.whole(99), over: chance.whole(2) === 0 },
    { game: "slots" },
  ]);
  return { operation: "bet", amount, bet };
}

function order(
  venue: Venue,
  asked: Pick<Extract<Command, { operation: "open" }>, "symbol" | "side" | "size" | "leverage"> & {
    readonly position: () => string;
  },
  chance: Chance,
): Command {
  const { position, ...common } = asked;
  const type = chance.pick(TYPES);
  const pair = venue.market.pair(common.symbol);
  assert.ok(pair !== undefined);
  // Within 3 % of the mark: much of it is due within the next days.
  const { mark } = venue.market.quote(pair, venue.clock.now());
  const price = micros((mark * BigInt(97_000 + chance.whole(6_000))) / 100_000n);
  const reduceOnly = chance.whole(3) === 0;
  return {
    operation: "place-order",
    ...common,
    type,
    limit: type === "limit" ? price : undefined,
    trigger: type === "stop" || type === "take_profit" ? price : undefined,
    reduceOnly,
    positionId: reduceOnly && chance.whole(2) === 0 ? position() : undefined,
    isImmediate: chance.whole(4) === 0,
  };
}

/** Operations until the venue has had enough; returns how many were done. */
function run(seed: string, operations: number, verify: boolean): number {
  const chance = createChance(seed);
  using venue = openVenue(seed, verify, chance);
  const agents = [0, 1, 2].map((index) => {
    const command = { operation: "register", name: `${index}`, description: "" } as const;
    return String(venue.execute(command, { agent: "" }).body["agent_id"]);
  });
  let done = 0;
  for (let n = 0; n < operations; n += 1) {
    const agent = chance.pick(agents);
    const command = next(venue, agent, chance);
    const key = `key/${n}`;
    const { status, body } = venue.execute(command, { agent, key, ref: key });
    const code = String(body["code"]);
    assert.ok(status === 200 || (code in PROBLEM_CODES && status < 500), JSON.stringify(body));
    if (status === 200) done += 1;
    if (chance.whole(5) === 0 && status !== 404 && status !== 429) {
      const again = venue.execute(command, { agent, key, ref: key });
      assert.deepEqual([again.replayed, again.body], [true, body]);
    }
    if (chance.whole(3) === 0) {
      venue.setClock("frozen", venue.clock.now() + Number(chance.magnitude(7.5)));
    }
    if (chance.whole(10) === 0) venue.portfolio(agent);
  }
  venue.assertInvariants();
  const { duplicateEffects, ledgerSum } = venue.audit();
  assert.deepEqual([duplicateEffects, ledgerSum], [0, "0"]);
  return done;
}

test("random operations keep every invariant, after each transaction", () => {
  for (const seed of ["a", "b", "c"]) assert.ok(run(`verified/${seed}`, VERIFIED, true) > 30);
});

test(`${OPERATIONS} random operations keep every invariant`, () => {
  let done = 0;
  for (let venue = 0; venue * PER_VENUE < OPERATIONS; venue += 1) {
    done += run(`random/${venue}`, PER_VENUE, false);
  }
  assert.ok(done > OPERATIONS / 4, `only ${done} were done`);
});
