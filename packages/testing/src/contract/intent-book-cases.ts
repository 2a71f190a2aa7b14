// What a store promises of another guard's book that it takes over: what was spent there is spent here, and who was
// halted there is halted here before anything is sent.

import assert from "node:assert/strict";
import { type MovedBook, type MovedEffect, encode, usdc } from "@holdfast/core";
import {
  AT,
  OWNER,
  type StoreCase,
  budgetOf,
  checkOf,
  decided,
  paying,
  spent,
  under,
} from "./intent-guard-cases.ts";

const nothing: MovedBook = {
  head: { position: 7, hash: "a".repeat(64), at: AT },
  modes: [],
  equity: [],
  effects: [],
  after: undefined,
};

function effectOf(key: string, cost: string): MovedEffect {
  const { ref, account, venue } = decided(key);
  return {
    key,
    ref,
    account,
    workflow: "dca",
    venue,
    command: { operation: "pay", kind: "open", amount: usdc("9.00"), notional: usdc("9.00") },
    cost: usdc(cost),
    fingerprint: key,
    at: AT,
  };
}

const halted: MovedBook = {
  ...nothing,
  modes: [
    {
      scope: "agent:alpha",
      cause: "halt",
      mode: "HALTED",
      reason: "enough",
      actor: "ada",
      since: AT - 1,
      until: undefined,
    },
  ],
};

export const bookCases: readonly StoreCase[] = [
  {
    name: "adoptBook() counts what was spent elsewhere, once, for all openers, before and after they have a policy",
    async run(store, again) {
      const many = Array.from({ length: 120 }, (_, n) => effectOf(`moved-${n}`, "0.05"));
      assert.equal(await store.adoptBook({ ...nothing, effects: many }, AT), 120);
      const desk = await under(store, budgetOf("10.00"));
      assert.equal(await spent(desk), usdc("6.00"));
      await using other = await again();
      await store.record(decided("own"), paying("2.00"));
      const page = { ...nothing, effects: [effectOf("late", "1.50"), effectOf("own", "9.00")] };
      await Promise.all([store.adoptBook(page, AT), other.adoptBook(page, AT)]);
      assert.equal(await spent(desk), usdc("9.50"));
      assert.equal(checkOf((await store.record(decided("b"), paying("0.51"))).word), "BUDGET");
      assert.equal((await store.record(decided("c"), paying("0.50"))).word.kind, "admitted");
      // A run that asks again for what has happened is let through, and reserves nothing.
      assert.equal((await store.record(decided("late"), paying("9.00"))).word.kind, "admitted");
      assert.equal(await spent(desk), usdc("10.00"));
      assert.equal((await desk.verifyAudit()).fault, undefined);
    },
  },
  {
    name: "adoptBook() halts whoever was halted elsewhere, until a person lifts that for good",
    async run(store, again) {
      await using other = await again();
      const desk = await under(other, undefined);
      await store.record(decided("before"), paying("1.00"));
      await store.adoptBook(halted, AT);
      assert.equal((await store.sending("before", OWNER, AT, paying("1.00"))).kind, "held");
      assert.equal(checkOf((await other.record(decided("a"), paying("1.00"))).word), "MODE");
      await desk.lift({ scope: "agent:alpha", actor: "bob", reason: "seen to" });
      await store.adoptBook(halted, AT);
      assert.equal((await store.sending("before", OWNER, AT, paying("1.00"))).kind, "sent");
      assert.deepEqual((await desk.status()).modes, []);
      const log = await desk.audit();
      assert.deepEqual(
        log.slice(0, 2).map(({ action, actor, subject }) => [action, actor, subject]),
        [
          ["book adopted", "guard", `7:${"a".repeat(64)}`],
          ["mode on", "ada", "agent:alpha"],
        ],
      );
    },
  },
  {
    name: "adoptBook() remembers the higher peak, and settles nothing that is open here",
    async run(store) {
      const desk = await under(store, budgetOf("10.00", { loss: { drawdown: 0.2 } }));
      await store.record(decided("a"), paying("3.00"));
      const of = { account: "alpha", venue: "venue" };
      await store.observe(of, [{ kind: "equity", equity: usdc("90.00") }], AT);
      const state = { equity: usdc("95.00"), available: usdc("95.00"), at: AT - 1 };
      const peak = { peak: usdc("100.00"), day: 0, dayEquity: usdc("100.00") };
      const page = { ...nothing, equity: [{ ...of, ...state, ...peak }], effects: [] };
      await store.adoptBook({ ...page, effects: [effectOf("a", "5.00")] }, AT);
      assert.equal(await spent(desk), usdc("3.00"));
      assert.equal((await store.find("a"))?.state, "open");
      await store.settle("a", { state: "done", output: encode(1) }, AT);
      await store.observe(of, [{ kind: "equity", equity: usdc("79.00") }], AT);
      const { modes, equity } = await desk.status();
      assert.deepEqual([equity[0]?.equity, equity[0]?.peak], [usdc("79.00"), usdc("100.00")]);
      assert.ok(modes.some(({ cause }) => cause === "drawdown"));
    },
  },
];
