// The book on a real SQLite file: what is on its way counts, feeds and breakers change modes with hysteresis, and
// hands in the tables are found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode, micros, usdc } from "@holdfast/core";
import { Book, NOW, OF } from "./fixture/book.ts";
import {
  approvals,
  assess,
  audit,
  auditHead,
  type carryOut,
  decideApproval,
  endMode,
  liftModes,
  observe,
  putMode,
  settle,
  status,
  verifyAudit,
} from "./index.ts";

test("what is on its way counts as held, until it is certain that it is not", (t) => {
  const book = new Book(t, {
    budgets: "none",
    maxPositions: 2,
    maxExposure: "100.00",
    freshness: "off",
  });
  const order = { symbol: "BTC-PERP", notional: usdc("50.00") };
  assert.equal(book.ask(order, "a"), "admitted");
  assert.equal(book.ask({ ...order, notional: usdc("50.01") }), "MAX_EXPOSURE");
  assert.equal(book.ask(order, "b"), "admitted");
  assert.equal(book.ask({ ...order, notional: micros(0) }), "MAX_POSITIONS");
  book.do(settle(book.policy, "a", { kind: "refused" }, book.now));
  assert.equal(book.ask(order, "c"), "admitted");
  book.do(settle(book.policy, "b", { kind: "done", cost: undefined }, book.now));
  book.do(settle(book.policy, "c", { kind: "done", cost: undefined }, book.now));
  const position = { id: "p1", symbol: "BTC-PERP", notional: usdc("100.00") };
  book.do(observe(book.policy, OF, [{ kind: "position", position }], book.now));
  assert.equal(book.ask({ ...order, notional: usdc("0.01") }), "MAX_EXPOSURE");
  const closed = { id: "p1", notional: micros(0) };
  book.do(observe(book.policy, OF, [{ kind: "position", position: closed }], book.now));
  assert.equal(book.ask(order), "admitted");
});

test("a key that is asked again gets the same word and reserves nothing; one that never happened is judged anew", (t) => {
  const book = new Book(t, { budgets: [{ per: "venue", span: "hour", limit: "10.00" }] });
  assert.equal(book.ask({}, "a"), "admitted");
  assert.equal(book.ask({}, "a"), "admitted");
  assert.equal(book.ask({}, "b"), "BUDGET");
  book.do(settle(book.policy, "a", { kind: "refused" }, book.now));
  assert.equal(book.ask({}, "b"), "admitted");
  assert.equal(book.ask({}, "a"), "BUDGET");
  book.do(settle(book.policy, "b", { kind: "done", cost: 4_000_000n }, book.now));
  book.do(settle(book.policy, "b", { kind: "done", cost: 9_000_000n }, book.now));
  assert.equal(book.ask({ amount: usdc("6.00") }, "a"), "admitted");
  book.assertCounted();
  const [venue] = book.do(status(book.policy, book.now)).budgets;
  assert.equal(venue?.spent, usdc("10.00"));
});

test("a key that was denied counts as what is decided under it the next time", (t) => {
  const book = new Book(t, {
    budgets: [{ per: "symbol", span: "day", limit: "10.00" }],
    never: { symbols: ["DOGE-PERP"] },
    freshness: "off",
  });
  assert.equal(book.ask({ symbol: "DOGE-PERP" }, "a"), "RESTRICTED");
  assert.equal(book.ask({ symbol: "BTC-PERP" }, "a"), "admitted");
  book.assertCounted();
  book.do(settle(book.policy, "a", { kind: "done", cost: 6_000_000n }, book.now));
  book.assertCounted();
  assert.equal(book.ask({ symbol: "BTC-PERP", amount: usdc("4.00") }, "b"), "admitted");
});

test("what would be sent tells two commands apart, also where the guard judges by the same", (t) => {
  const book = new Book(t, {
    budgets: "none",
    approval: { above: "15.00" },
    duplicates: { within: "60s", action: "deny" },
  });
  const order = { again: undefined };
  assert.equal(book.ask(order, "a", "long"), "admitted");
  assert.equal(book.ask(order, "b", "long"), "DUPLICATE_INTENT");
  assert.equal(book.ask(order, "c", "short"), "admitted");
  // A person's word is for what was shown, and for nothing else under its key.
  const large = { amount: usdc("20.00") };
  assert.equal(book.ask(large, "d", "long"), "asked");
  const [asked] = book.do(approvals("asked", 1));
  assert.ok(asked);
  const yes = { id: asked.id, approved: true, actor: "ann", reason: "fine" };
  book.do(decideApproval(asked, yes, book.now));
  assert.equal(book.ask(large, "d", "long"), "admitted");
  book.do(settle(book.policy, "d", { kind: "refused" }, book.now));
  assert.equal(book.ask(large, "d", "short"), "asked");
  book.do(settle(book.policy, "d", { kind: "refused" }, book.now));
  assert.equal(book.ask(large, "d", "long"), "admitted");
});

test("what did cost more than was reserved counts whole, and what was refused and happened all the same counts too", (t) => {
  const book = new Book(t, { budgets: [{ per: "agent", span: "total", limit: "20.00" }] });
  book.ask({}, "a");
  book.do(settle(book.policy, "a", { kind: "done", cost: 15_000_000n }, book.now));
  assert.equal(book.ask({ amount: usdc("5.01") }), "BUDGET");
  book.ask({ amount: usdc("5.00") }, "b");
  book.do(settle(book.policy, "b", { kind: "refused" }, book.now));
  book.do(settle(book.policy, "b", { kind: "done", cost: undefined }, book.now));
  assert.equal(book.ask({ amount: usdc("0.01") }), "BUDGET");
  book.assertCounted();
});

test("a silent feed leads to OBSERVATION, and back only when prices have come for a while", (t) => {
  const book = new Book(t, {
    budgets: "none",
    freshness: "off",
    feeds: { symbols: ["BTC-PERP"], staleAfter: "60s", steadyFor: "10s" },
  });
  const price = (): void => {
    const mark = { kind: "mark", symbol: "BTC-PERP", price: usdc("100.00") } as const;
    book.do(observe(book.policy, OF, [mark], book.now));
  };
  const look = () => book.do(assess(book.policy, book.now));
  price();
  assert.equal(look().nextAt, NOW + 60_001);
  book.now += 60_000;
  assert.deepEqual(look().changes, []);
  book.now += 1;
  assert.deepEqual(
    look().changes.map(({ scope, to }) => `${scope} ${to}`),
    ["symbol:BTC-PERP OBSERVATION"],
  );
  assert.equal(book.ask({ symbol: "BTC-PERP" }), "MODE");
  assert.equal(book.ask({ symbol: "BTC-PERP", kind: "reduce" }), "MODE");
  assert.equal(book.ask({ symbol: "ETH-PERP" }), "admitted");
  price();
  book.now += 9_999;
  assert.deepEqual(look().changes, []);
  assert.equal(book.ask({ symbol: "BTC-PERP" }), "MODE");
  book.now += 60_002;
  look();
  assert.deepEqual(book.modes(), ["symbol:BTC-PERP feed OBSERVATION"], "silent again meanwhile");
  price();
  book.now += 10_000;
  assert.deepEqual(
    look().changes.map(({ scope, to = "FULL" }) => `${scope} ${to}`),
    ["symbol:BTC-PERP FULL"],
  );
  assert.equal(book.ask({ symbol: "BTC-PERP" }), "admitted");
});

test("a breaker's mode ends by itself after a while, a person's only by a person", (t) => {
  const book = new Book(t, { budgets: "none" });
  const scope = "venue:purpleflea";
  const wanted = {
    scope,
    cause: "breaker",
    mode: "REDUCE_ONLY",
    reason: "open",
    actor: "guard",
  } as const;
  book.do(putMode(wanted, book.now));
  assert.equal(book.ask({}), "MODE");
  assert.equal(book.ask({ kind: "reduce" }), "admitted");
  book.do(endMode({ scope, cause: "breaker" }, book.now + 30_000));
  book.do(putMode(wanted, book.now));
  assert.equal(book.do(assess(book.policy, book.now)).nextAt, undefined, "it is open again");
  book.do(putMode({ ...wanted, until: book.now + 30_000 }, book.now));
  book.do(putMode({ ...wanted, cause: "halt", mode: "HALTED", actor: "ann" }, book.now));
  book.now += 30_000;
  book.do(assess(book.policy, book.now));
  assert.deepEqual(book.modes(), ["venue:purpleflea halt HALTED"]);
  assert.throws(
    () => book.do(liftModes("project", { actor: "ann", reason: "r", now: book.now })),
    (error) => hasCode(error, "HF-GUARD-NOTHING-TO-LIFT"),
  );
  book.database.exec("ROLLBACK");
  book.do(liftModes(scope, { actor: "ann", reason: "looked", now: book.now }));
  assert.equal(book.ask({}), "admitted");
});

test("a game's stakes count against its allowance, day by day", (t) => {
  const book = new Book(t, {
    budgets: "none",
    bets: [{ operation: "casino.bet", allowance: "15.00", because: "a promotion" }],
  });
  const bet = { operation: "casino.bet", edge: -0.01 };
  assert.equal(book.ask(bet), "admitted");
  assert.equal(book.ask(bet), "NEGATIVE_EDGE");
  book.now += 12 * 3_600_000;
  assert.equal(book.ask(bet), "admitted");
  book.assertCounted();
  const { fault } = book.do(verifyAudit());
  assert.equal(fault, undefined);
  const details = book.database.prepare(
    "SELECT detail FROM guard_audit WHERE action = 'guard admitted'",
  );
  assert.match(String(details.get()?.["detail"]), /NEGATIVE_EDGE ok: meant: a promotion/u);
});

test("hands in the audit log are found, whatever they do, and a log made anew by an end that was noted", (t) => {
  const entry = { action: "a", actor: "ann", reason: "r", subject: "s", detail: "" };
  const logged = (): {
    readonly book: Book;
    readonly noted: ReturnType<typeof carryOut<{ position: number; hash: string }>>;
  } => {
    const book = new Book(t, { budgets: "none" });
    book.do(audit(Array.from({ length: 1_200 }, (_, n) => ({ ...entry, at: n }))));
    return { book, noted: book.do(auditHead()) };
  };
  const hands: readonly (readonly [sql: string, kind: string])[] = [
    ["UPDATE guard_audit SET reason = 'other' WHERE position = 700", "changed"],
    ["DELETE FROM guard_audit WHERE position = 700", "missing"],
    ["DELETE FROM guard_audit WHERE position > 1190", "cut"],
    ["UPDATE guard_audit SET position = 5000 WHERE position = 700", "missing"],
    [
      'UPDATE guard_meta SET value = \'{"position":0,"hash":"","at":0}\' WHERE name = \'head\'',
      "cut",
    ],
  ];
  for (const [sql, kind] of hands) {
    const { book } = logged();
    book.database.exec(sql);
    assert.equal(book.do(verifyAudit()).fault?.kind, kind, sql);
  }
  const { noted } = logged();
  const anew = new Book(t, { budgets: "none" });
  anew.do(audit(Array.from({ length: 1_300 }, (_, n) => ({ ...entry, reason: "forged", at: n }))));
  assert.equal(anew.do(verifyAudit()).fault, undefined);
  assert.equal(anew.do(verifyAudit(noted)).fault?.kind, "changed");
});
