// What one book tells another: what was spent counts there once and as if it had been spent there, a halt is on there
// until a person lifts it, and a peak is remembered.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type GuardOptions, type MovedBook, micros, usdc } from "@holdfast/core";
import { Book, NOW, OF } from "./fixture/book.ts";
import {
  adoptBook,
  auditHead,
  auditPage,
  liftModes,
  modes,
  movedBook,
  observe,
  openShared,
  putMode,
  settle,
  status,
  verifyAudit,
} from "./index.ts";

const DAY = 86_400_000;
const BUDGETS: GuardOptions = {
  budgets: [
    { per: "agent", span: "day", limit: "100.00" },
    { per: "venue", span: "total", limit: "1000.00" },
  ],
  rate: { perDay: 10_000 },
  freshness: "off",
};

/** The book of an engine that is left, and that of a store which has not judged anything yet. */
function two(t: TestContext, options: GuardOptions = BUDGETS) {
  return { from: new Book(t, options), to: new Book(t, options, openShared) };
}

function spend(book: Book, key: string, amount: string, cost: string | undefined = amount): void {
  assert.equal(book.ask({ amount: usdc(amount) }, key), "admitted");
  book.do(settle(book.policy, key, { kind: "done", cost: usdc(cost) }, book.now));
}

/** Brings all pages; gives how many effects were new. */
function bring({ from, to }: { readonly from: Book; readonly to: Book }): number {
  let added = 0;
  for (let after: string | undefined; ;) {
    const page: MovedBook = from.do(movedBook({ after }));
    added += to.do(adoptBook(page, to.now));
    if (page.after === undefined) return added;
    ({ after } = page);
  }
}

function spent(book: Book): readonly string[] {
  const { budgets } = book.do(status(book.policy, book.now));
  return budgets.map((one) => `${one.name} ${one.value} ${one.spent / 10_000n}`);
}

function counters(book: Book): unknown {
  return book.database.prepare("SELECT name, amount, count FROM guard_counter ORDER BY name").all();
}

/** All that counters have, how often included, is what they have when they are counted anew. */
function assertAsRecounted(book: Book): void {
  const before = counters(book);
  book.database.exec("DELETE FROM guard_meta WHERE name IN ('policy', 'trackers')");
  book.do(openShared(book.policy, book.now));
  assert.deepEqual(counters(book), before);
}

function halt(book: Book, scope = "project"): void {
  const wanted = { scope, cause: "halt", mode: "HALTED", reason: "enough", actor: "ann" } as const;
  book.do(putMode(wanted, book.now));
}

const bob = { actor: "bob", reason: "seen to" };

test("movedBook() gives what has happened, by key and in pages, and nothing that a run still waits for", (t) => {
  const from = new Book(t, { ...BUDGETS, budgets: "none" });
  for (let n = 0; n < 1_200; n += 1) spend(from, `k${String(n).padStart(4, "0")}`, "0.01");
  from.ask({}, "reserved");
  from.ask({}, "refused");
  from.do(settle(from.policy, "refused", { kind: "refused" }, from.now));
  halt(from);
  const breaker = { scope: "venue:purpleflea", cause: "breaker", mode: "REDUCE_ONLY" } as const;
  from.do(putMode({ ...breaker, reason: "it fails", actor: "guard" }, from.now));
  const first = from.do(movedBook({}));
  assert.deepEqual([first.effects.length, first.after], [1_000, "k0999"]);
  assert.deepEqual(
    first.modes.map(({ scope, cause, actor }) => [scope, cause, actor]),
    [["project", "halt", "ann"]],
  );
  const last = from.do(movedBook({ after: first.after }));
  assert.deepEqual([last.effects.length, last.after, last.modes], [200, undefined, []]);
  const some = from.do(movedBook({ keys: ["k0003", "reserved", "nobody's"] }));
  assert.deepEqual(
    some.effects.map(({ key }) => key),
    ["k0003"],
  );
});

test("adoptBook() counts what was spent elsewhere as if it had been spent here, however often it is brought", (t) => {
  const both = two(t);
  const { from, to } = both;
  spend(from, "a", "30.00", "28.50");
  spend(from, "b", "40.00");
  from.ask({ amount: usdc("5.00") }, "on its way");
  spend(to, "own", "1.00");
  for (const added of [2, 0]) {
    assert.equal(bring(both), added);
    assert.deepEqual(spent(to), ["agent/day alpha 6950", "venue/total purpleflea 6950"]);
    to.assertCounted();
  }
  assertAsRecounted(to);
  assert.equal(to.ask({ amount: usdc("30.50") }, "fits"), "admitted");
  assert.equal(to.ask({ amount: usdc("0.01") }), "BUDGET");
  assert.equal(to.ask({ amount: usdc("30.00") }, "a"), "admitted", "its key has happened");
  from.do(settle(from.policy, "on its way", { kind: "done", cost: undefined }, from.now));
  assert.equal(bring(both), 1);
  assert.equal(spent(to)[0], "agent/day alpha 10500");
  to.assertCounted();
});

test("adoptBook() leaves what is known, and counters of spans that are over", (t) => {
  const both = two(t);
  const { from, to } = both;
  spend(from, "old", "30.00");
  spend(from, "same", "10.00");
  from.now = NOW + DAY;
  to.now = NOW + DAY;
  spend(to, "same", "20.00");
  assert.equal(bring(both), 1);
  assert.deepEqual(spent(to), ["agent/day alpha 2000", "venue/total purpleflea 5000"]);
  assertAsRecounted(to);
});

test("what was brought before there was a policy counts when the first is taken up", (t) => {
  const from = new Book(t, BUDGETS);
  const to = new Book(t, BUDGETS, function* () {
    // No worker has started yet.
  });
  spend(from, "a", "70.00");
  bring({ from, to });
  assert.deepEqual(counters(to), []);
  to.do(openShared(to.policy, to.now));
  assert.deepEqual(spent(to), ["agent/day alpha 7000", "venue/total purpleflea 7000"]);
  assert.equal(to.ask({ amount: usdc("30.01") }), "BUDGET");
  to.assertCounted();
});

test("a halt is on here with who said it and why, and comes again only where it is said again", (t) => {
  const both = two(t);
  const { from, to } = both;
  halt(from);
  bring(both);
  const [row] = to.do(modes());
  assert.deepEqual([row?.scope, row?.cause, row?.mode, row?.actor], HALTED);
  assert.match(row?.reason ?? "", /^enough \(on since 2026-01-07T12:00:00.000Z; came along/u);
  assert.equal(to.ask({}), "MODE");
  bring(both);
  to.do(liftModes("project", { ...bob, now: to.now }));
  bring(both);
  assert.deepEqual(to.modes(), []);
  assert.equal(to.ask({}), "admitted");
  from.now += 1;
  from.do(liftModes("project", { ...bob, now: from.now }));
  halt(from);
  bring(both);
  assert.deepEqual(to.modes(), ["project halt HALTED"]);
  const actions = to.do(auditPage(0)).map(({ action, actor }) => `${action} ${actor}`);
  assert.deepEqual(actions.slice(1), [
    "book adopted guard",
    "mode on ann",
    "guard denied guard",
    "mode off bob",
    "guard admitted guard",
    "book adopted guard",
    "mode on ann",
  ]);
  assert.equal(to.do(verifyAudit()).fault, undefined);
});

const HALTED = ["project", "halt", "HALTED", "ann"];

test("a halt that was on here already stays as it is, and its lift counts for both", (t) => {
  const both = two(t);
  halt(both.from);
  const about = { scope: "project", cause: "halt", mode: "HALTED" } as const;
  both.to.do(putMode({ ...about, reason: "own", actor: "bob" }, both.to.now));
  bring(both);
  assert.deepEqual(
    both.to.do(modes()).map(({ reason }) => reason),
    ["own"],
  );
  both.to.do(liftModes("project", { ...bob, now: both.to.now }));
  bring(both);
  assert.deepEqual(both.to.modes(), []);
});

function see(book: Book, equity: string): void {
  const seen = { kind: "equity", equity: usdc(equity) } as const;
  book.do(observe(book.policy, OF, [seen], book.now));
}

test("the equity with which the day began counts on the same day", (t) => {
  const options: GuardOptions = { ...BUDGETS, loss: { day: 0.1 } };
  for (const later of [0, DAY]) {
    const both = two(t, options);
    const { from, to } = both;
    see(from, "100.00");
    to.now += later;
    see(to, "95.00");
    bring(both);
    see(to, "89.99");
    assert.deepEqual(to.modes(), later === 0 ? ["agent:alpha day-loss REDUCE_ONLY"] : []);
  }
});

test("the higher peak counts, so that a drawdown is not forgotten, until a person lifts it", (t) => {
  const options: GuardOptions = { ...BUDGETS, loss: { drawdown: 0.2 } };
  const peak = (book: Book) => book.do(status(book.policy, book.now)).equity[0]?.peak;
  for (const isKnown of [false, true]) {
    const both = two(t, options);
    const { from, to } = both;
    see(from, "100.00");
    see(from, "90.00");
    if (isKnown) see(to, "85.00");
    bring(both);
    assert.equal(peak(to), usdc("100.00"));
    see(to, "79.99");
    assert.deepEqual(to.modes(), ["agent:alpha drawdown HALTED"]);
    to.do(liftModes("agent:alpha", { ...bob, now: to.now }));
    bring(both);
    see(to, "79.98");
    assert.deepEqual([to.modes(), peak(to)], [[], usdc("79.99")]);
    see(from, "110.00");
    bring(both);
    assert.equal(peak(to), usdc("110.00"), "what came later is new");
  }
  const { from, to } = two(t, options);
  see(from, "50.00");
  see(to, "60.00");
  bring({ from, to });
  assert.equal(peak(to), usdc("60.00"));
});

test("what can be spent is not taken for an equity", (t) => {
  const both = two(t, { ...BUDGETS, loss: { drawdown: 0.2 } });
  const { from, to } = both;
  const available = { kind: "available", available: usdc("50.00") } as const;
  const equity = { kind: "equity", equity: usdc("100.00") } as const;
  from.do(observe(from.policy, OF, [equity], from.now));
  to.do(observe(to.policy, OF, [available], to.now));
  bring(both);
  to.do(observe(to.policy, OF, [available], to.now));
  assert.deepEqual(to.modes(), [], "its equity is not zero, but was not seen here yet");
});

test("the guard's time does not go back on the way, so that no budget of yesterday opens", (t) => {
  const both = two(t);
  const { from, to } = both;
  from.now = NOW + DAY;
  spend(from, "a", "100.00");
  bring(both);
  assert.equal(to.ask({ amount: micros(1) }), "BUDGET");
  to.now = from.now;
  to.assertCounted();
});

test("the audit log names the end of the other one, once, and nothing where nothing came along", (t) => {
  const both = two(t);
  const { from, to } = both;
  const before = to.do(auditHead());
  bring(both);
  assert.deepEqual(to.do(auditHead()), before);
  spend(from, "a", "1.00");
  const { position, hash } = from.do(auditHead());
  bring(both);
  bring(both);
  const named = to.do(auditPage(before.position)).map(({ action, subject }) => [action, subject]);
  assert.deepEqual(named, [["book adopted", `${position}:${hash}`]]);
});
