// Each transition of an escrow, each action that does not fit its state, and who may do what; money to the micro.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { usdc } from "@holdfast/core";
import type { Command } from "../command/command.ts";
import { type Body, micros } from "../fixture/desk.ts";
import { type Table, escrow, openTable } from "../fixture/escrow.ts";
import { HOUR_MS, START } from "../fixture/kit.ts";
import { counterpartAccount, escrowAccount } from "../ledger/ledger.ts";
import { LIVE_ESCROWS_MAX } from "./rules.ts";
import { arbitrate } from "./timers.ts";
import type { Decision } from "./transition.ts";

const FULL = usdc("10000");

type Action = "release" | "complete" | "refund" | "dispute";

function act(action: Action, escrowId: string): Command {
  if (action === "dispute") return { operation: "dispute-escrow", escrowId, reason: "late" };
  return { operation: `${action}-escrow`, escrowId };
}

/** An escrow of the payer for the payee. */
function locked({ payer, payee, referrer }: Table, amount = "100"): { id: string; body: Body } {
  const asked = escrow({ to: payee.agent, amount, referrer: referrer.agent });
  const { status, body } = payer.send(asked);
  assert.equal(status, 201, JSON.stringify(body));
  return { id: String(body["escrow_id"]), body };
}

function decide({ venue }: Table, id: string, decision: Decision) {
  return venue.act((own, journal) => arbitrate(id, decision, own, journal));
}

function balanceOf({ venue }: Table, account: string): bigint {
  return venue.look("", ({ ledger }) => ledger.balance(account));
}

describe("an escrow", () => {
  test("locks the amount, and says what a release would cost", () => {
    using table = openTable();
    const { id, body } = locked(table);
    assert.equal(body["status"], "locked");
    assert.equal(table.payer.available(), FULL - usdc("100"));
    assert.equal(balanceOf(table, escrowAccount(id)), usdc("100"));
    assert.equal(table.venue.balance(table.payer.agent).held_usdc, 100);
    assert.equal(body["deadline"], new Date(START + 72 * HOUR_MS).toISOString());
    assert.deepEqual(
      ["fee_usdc", "referral_usdc", "net_usdc"].map((name) => body[name]),
      [1, 0.15, 99],
    );
    assert.match(String(body["tx_hash"]), /^0x[0-9a-f]{64}$/u);
  });

  for (const [amount, fee, referral, net] of [
    ["100", "1", "0.15", "99"],
    ["5", "0.05", "0.0075", "4.95"],
    ["0.010001", "0.000101", "0.000015", "0.0099"],
  ] as const) {
    test(`of ${amount} pays ${net}, costs ${fee}, and its referrer gets ${referral}`, () => {
      using table = openTable();
      const { payer, payee, referrer } = table;
      const { id } = locked(table, amount);
      const { status, body } = payer.send(act("release", id));
      assert.deepEqual([status, body["status"], body["ended_by"]], [200, "released", "release"]);
      assert.equal(micros(body, "fee_micros"), usdc(fee));
      assert.equal(micros(body, "referral_micros"), usdc(referral));
      assert.equal(micros(body, "net_micros"), usdc(net));
      assert.equal(payer.available(), FULL - usdc(amount));
      assert.equal(payee.available(), FULL + usdc(net));
      assert.equal(referrer.available(), FULL + usdc(referral));
      assert.equal(balanceOf(table, "venue:fees"), usdc(fee) - usdc(referral));
      assert.equal(balanceOf(table, escrowAccount(id)), 0n);
    });
  }

  test("pays a name that no agent has into an account of its own, and no referrer that is unknown", () => {
    using table = openTable();
    const { payer } = table;
    const asked = escrow({ to: "data-provider", amount: "100", referrer: "nobody" });
    const { body } = payer.send(asked);
    assert.deepEqual([body["simulated"], body["referrer"]], [true, null]);
    const released = payer.send(act("release", String(body["escrow_id"]))).body;
    assert.equal(micros(released, "referral_micros"), 0n);
    assert.equal(balanceOf(table, counterpartAccount("data-provider")), usdc("99"));
    assert.equal(balanceOf(table, "venue:fees"), usdc("1"));
  });

  test("gives no side a part of the fee", () => {
    using table = openTable();
    const { payer, payee } = table;
    for (const referrer of [payer.agent, payee.agent]) {
      const { body } = payer.send(escrow({ to: payee.agent, amount: "1", referrer }));
      assert.equal(body["referrer"], null);
    }
  });

  test("goes back at its deadline while it is locked, in full", async () => {
    using table = openTable();
    const { payer, venue } = table;
    const { id } = locked(table);
    await venue.advanceTo(START + 72 * HOUR_MS - 1);
    assert.equal(payer.available(), FULL - usdc("100"));
    await venue.advanceTo(START + 72 * HOUR_MS);
    assert.equal(payer.available(), FULL);
    const late = payer.send(act("release", id));
    assert.deepEqual([late.status, late.body["code"]], [409, "escrow_state"]);
    assert.deepEqual([late.body["escrow_status"], late.body["ended_by"]], ["refunded", "expiry"]);
  });

  test("stays past its deadline once it is completed", async () => {
    using table = openTable();
    const { payer, payee, venue } = table;
    const { id } = locked(table);
    assert.equal(payee.send(act("complete", id)).body["status"], "completed");
    venue.look("", ({ store }) => {
      assert.equal(store.timers.next(), undefined);
    });
    await venue.advanceTo(START + 1_000 * HOUR_MS);
    assert.equal(payer.send(act("release", id)).body["status"], "released");
    assert.equal(payee.available(), FULL + usdc("99"));
  });

  test("is given back by its payee, locked or completed", () => {
    using table = openTable();
    const { payer, payee } = table;
    for (const isCompleted of [false, true]) {
      const { id } = locked(table);
      if (isCompleted) payee.send(act("complete", id));
      const { body } = payee.send(act("refund", id));
      assert.deepEqual([body["status"], body["ended_by"]], ["refunded", "refund"]);
    }
    assert.equal(payer.available(), FULL);
  });
});

describe("a dispute", () => {
  for (const by of ["payer", "payee"] as const) {
    test(`raised by the ${by} leaves everything to the arbiter`, () => {
      using table = openTable();
      const { payer, payee } = table;
      const { id } = locked(table);
      const raised = table[by].send(act("dispute", id));
      assert.deepEqual([raised.status, raised.body["status"]], [200, "disputed"]);
      assert.equal(payer.send(act("release", id)).body["code"], "escrow_state");
      assert.equal(payee.send(act("complete", id)).body["code"], "escrow_state");
      assert.equal(payee.send(act("refund", id)).body["code"], "escrow_state");
      assert.equal(balanceOf(table, escrowAccount(id)), usdc("100"));
    });
  }

  for (const [decision, status, toPayee, toPayer] of [
    [{ kind: "release" }, "released", "99", "0"],
    [{ kind: "refund" }, "refunded", "0", "100"],
    [{ kind: "split", payee: usdc("30") }, "split", "29.7", "70"],
  ] as const) {
    test(`is decided by a ${decision.kind}: ${toPayee} and ${toPayer}`, () => {
      using table = openTable();
      const { payer, payee } = table;
      const { id } = locked(table);
      payer.send(act("dispute", id));
      const decided = decide(table, id, decision);
      assert.equal(decided.status, status);
      assert.equal(payee.available(), FULL + usdc(toPayee));
      assert.equal(payer.available(), FULL - usdc("100") + usdc(toPayer));
      assert.equal(decide(table, id, decision).status, 409);
    });
  }

  test("is decided by what the payee has said, a day later, where nobody else decides", async () => {
    using table = openTable();
    const { payer, payee, venue } = table;
    const undone = locked(table).id;
    const delivered = locked(table).id;
    payee.send(act("complete", delivered));
    for (const id of [undone, delivered]) payer.send(act("dispute", id));
    await venue.advanceTo(START + 24 * HOUR_MS - 1);
    assert.equal(payer.available(), FULL - usdc("200"));
    await venue.advanceTo(START + 24 * HOUR_MS);
    assert.equal(payer.available(), FULL - usdc("100"));
    assert.equal(payee.available(), FULL + usdc("99"));
  });

  test("waits for the control where the venue has no arbiter, even past the deadline", async () => {
    using table = openTable({ escrow: { arbiterAfterMs: null } });
    const { payer, venue } = table;
    const { id } = locked(table);
    payer.send(act("dispute", id));
    await venue.advanceTo(START + 1_000 * HOUR_MS);
    assert.equal(balanceOf(table, escrowAccount(id)), usdc("100"));
    assert.equal(decide(table, id, { kind: "split", payee: usdc("100.000001") }).status, 422);
    assert.equal(decide(table, id, { kind: "refund" }).status, "refunded");
  });

  test("may be split by the venue's own arbiter", async () => {
    const rules = { arbiterAfterMs: HOUR_MS, arbiterDecides: "split" } as const;
    using table = openTable({ escrow: rules });
    const { payer, payee, venue } = table;
    payer.send(act("dispute", locked(table, "0.010001").id));
    await venue.advanceTo(START + HOUR_MS);
    assert.equal(payee.available(), FULL + 5_000n - 50n);
    assert.equal(payer.available(), FULL - 5_000n);
  });
});

describe("an action", () => {
  for (const action of ["release", "complete", "refund", "dispute"] as const) {
    test(`${action} is answered again as the first time, without a key, and changes nothing`, () => {
      using table = openTable();
      const { payer, payee, venue } = table;
      const actor = action === "release" ? payer : payee;
      const { id } = locked(table);
      const first = actor.send(act(action, id));
      assert.equal(first.status, 200);
      const { unnamed } = venue.audit();
      const balances = [payer.available(), payee.available()];
      for (const key of [undefined, "a", "a", "b"]) {
        const again = actor.send(act(action, id), key);
        assert.deepEqual([again.status, again.body], [200, first.body]);
      }
      assert.deepEqual([payer.available(), payee.available()], balances);
      assert.equal(venue.audit().unnamed, unnamed);
    });
  }

  test("that differs from the one that ended it is refused, and shown the state", () => {
    using table = openTable();
    const { payer, payee } = table;
    const released = locked(table).id;
    payer.send(act("release", released));
    const refunded = locked(table).id;
    payee.send(act("refund", refunded));
    for (const [id, action, actor] of [
      [released, "complete", payee],
      [released, "refund", payee],
      [released, "dispute", payer],
      [refunded, "release", payer],
      [refunded, "complete", payee],
      [refunded, "dispute", payee],
    ] as const) {
      const { status, body } = actor.send(act(action, id));
      assert.deepEqual([status, body["code"]], [409, "escrow_state"], `${action} of ${id}`);
    }
  });

  test("is for its side only, and strangers see nothing", () => {
    using table = openTable();
    const { payer, payee, referrer } = table;
    const { id } = locked(table);
    assert.equal(payee.send(act("release", id)).body["code"], "escrow_role");
    assert.equal(payer.send(act("complete", id)).body["code"], "escrow_role");
    assert.equal(payer.send(act("refund", id)).body["code"], "escrow_role");
    for (const action of ["release", "complete", "refund", "dispute"] as const) {
      assert.equal(referrer.send(act(action, id)).body["code"], "unknown_escrow");
    }
    assert.equal(balanceOf(table, escrowAccount(id)), usdc("100"));
  });
});

describe("create-escrow is refused", () => {
  for (const [what, asked, code] of [
    ["more than there is", { amount: "10000.000001" }, "insufficient_funds"],
    ["less than the least", { amount: "0.009999" }, "size_too_small"],
    ["more than the most", { amount: "1000000000.000001" }, "size_too_large"],
    ["a deadline that is past", { deadline: START }, "invalid_request"],
    ["a deadline too far ahead", { deadline: START + 720 * HOUR_MS + 1 }, "invalid_request"],
  ] as const) {
    test(`for ${what}`, () => {
      using table = openTable();
      const { payer } = table;
      const refusal = payer.send(escrow({ to: "x", amount: "1", ...asked }));
      assert.equal(refusal.body["code"], code);
      assert.equal(payer.available(), FULL);
    });
  }

  test("for the payer itself, and beyond the limit of live ones", () => {
    using table = openTable({ verify: false });
    const { payer } = table;
    const self = payer.send(escrow({ to: payer.agent, amount: "1" }));
    assert.equal(self.body["code"], "invalid_request");
    const asked = escrow({ to: "x", amount: "0.01" });
    for (let n = 0; n < LIVE_ESCROWS_MAX; n += 1) assert.equal(payer.send(asked).status, 201);
    assert.equal(payer.send(asked).body["code"], "too_many_escrows");
  });
});

test("money in escrow is no loss: the drawdown stays", () => {
  using table = openTable();
  const { payer, payee, venue } = table;
  const { id } = locked(table, "5000");
  assert.equal(venue.portfolio(payer.agent).drawdown_percent, 0);
  payer.send(act("release", id));
  for (const { agent } of [payer, payee]) {
    assert.equal(venue.portfolio(agent).drawdown_percent, 0);
  }
});

test("what goes back raises the peak again, and leaves no timer behind", () => {
  using table = openTable();
  const { payer, payee, venue } = table;
  const { id } = locked(table, "5000");
  const disputed = locked(table, "1000").id;
  payee.send(act("refund", id));
  payer.send(act("dispute", disputed));
  decide(table, disputed, { kind: "refund" });
  venue.look("", ({ store }) => {
    assert.equal(store.agents.get(payer.agent)?.peak, FULL);
    assert.equal(store.timers.next(), undefined);
  });
});
