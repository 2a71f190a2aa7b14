// Every invariant can turn red: each is broken in the file itself, and exactly that must say so.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { usdc } from "@holdfast/core";
import { order } from "../fixture/desk.ts";
import { escrow } from "../fixture/escrow.ts";
import { testFolder } from "../fixture/kit.ts";
import { createVenue } from "../venue.ts";

/** What breaks each invariant, and nothing else; totals that are wrong do not fit the transfers either. */
const DAMAGES: readonly (readonly [string, string])[] = [
  ["I1 I6", "UPDATE account SET credits_pending = credits_pending + 1 WHERE id LIKE 'agent:%'"],
  ["I2 I3 I6", "UPDATE account SET debits_pending = 99000000000, credits_pending = 99000000000"],
  ["I3", "UPDATE orders SET status = 'cancelled' WHERE status = 'open'"],
  ["I4", "UPDATE escrow SET amount = amount + 1 WHERE status = 'locked'"],
  ["I5", "UPDATE position SET margin = margin + 1 WHERE closed_at IS NULL"],
  ["I6", "UPDATE account SET debits = debits + 1, credits = credits + 1"],
  [
    "I7",
    `INSERT INTO command (actor, scope, agent, operation, key, ref, fingerprint, at, effect, amount, status, body)
     SELECT actor, scope, agent, operation, key, ref, fingerprint, at + 1, 0, 0, 402, '{}'
     FROM command WHERE key IS NOT NULL`,
  ],
  ["I8", "DELETE FROM outbox WHERE id = 2"],
  ["I9", "UPDATE outbox SET event_id = '0' WHERE id = 2"],
  ["I10", "UPDATE position SET realised = realised + 1 WHERE closed_at IS NOT NULL"],
  ["I11", "UPDATE casino_bet SET payout = payout + 1"],
  ["I11", "UPDATE casino_seed SET nonce = nonce + 1"],
];

describe("checkInvariants()", () => {
  for (const [name, damage] of DAMAGES) {
    test(`turns ${name} red, and nothing else, in a damaged file: ${damage.slice(0, 40)}`, () => {
      using folder = testFolder();
      const path = folder.path("venue.sqlite");
      fill(path);
      {
        using database = new DatabaseSync(path);
        database.exec(damage);
      }
      using venue = createVenue({ path });
      const broken = venue.checkInvariants().filter(({ holds }) => !holds);
      assert.deepEqual(
        broken.map((one) => one.name.split(" ")[0]),
        name.split(" "),
      );
      assert.notEqual(broken[0]?.detail, "[]");
      assert.throws(() => {
        venue.assertInvariants();
      }, /Invariants do not hold/);
    });
  }

  test("finds nothing wrong in a file that was not touched", () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    fill(path);
    using venue = createVenue({ path });
    assert.ok(venue.checkInvariants().every(({ holds }) => holds));
  });
});

/** A venue with an agent, an open position, a closed one, an order that rests, an escrow, and a bet. */
function fill(path: string): void {
  using venue = createVenue({ path, clock: { mode: "frozen", now: 1_000 }, verify: true });
  const registered = venue.execute(
    { operation: "register", name: "a", description: "" },
    { agent: "" },
  );
  const agent = String(registered.body["agent_id"]);
  const open = (key: string): unknown =>
    venue.execute(
      {
        operation: "open",
        symbol: "BTC-PERP",
        side: "long",
        size: { kind: "value", amount: usdc("100") },
        leverage: 2,
      },
      { agent, key },
    ).body["position_id"];
  open("one");
  const positionId = String(open("two"));
  venue.execute({ operation: "close", positionId }, { agent });
  venue.execute(order({ type: "limit", quantity: 1_000_000n, limit: "1000" }), { agent });
  venue.execute(escrow({ to: "somebody", amount: "5" }), { agent });
  venue.execute({ operation: "bet", amount: usdc("1"), bet: { game: "slots" } }, { agent });
}
