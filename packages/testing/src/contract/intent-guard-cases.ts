// What the guard promises over a store of intents, whatever its database: judged and reserved with the intent,
// held back before the send, posted or released with the outcome; by processes that know nothing of each other.

import assert from "node:assert/strict";
import {
  type Failure,
  type GuardOptions,
  type GuardPolicy,
  type GuardWord,
  HoldfastError,
  type IntentEffect,
  type IntentStore,
  type NewIntent,
  type StoreGuard,
  encode,
  guard,
  hasCode,
  toFailure,
  usdc,
} from "@holdfast/core";

export interface StoreCase {
  readonly name: string;
  /** `again` opens the same place once more, as another process would. */
  readonly run: (store: IntentStore, again: () => Promise<IntentStore>) => Promise<void>;
}

export const AT: number = Date.UTC(2026, 0, 5, 12);
export const OWNER = "dca/run-1/1";

const refused: Failure = toFailure(
  new HoldfastError("CONTRACT-REFUSED", "The venue says no.", { outcome: "refused" }),
);
const lost: Failure = toFailure(
  new HoldfastError("CONTRACT-LOST", "No answer.", { outcome: "unknown" }),
);

const free: Partial<GuardOptions> = {
  freshness: "off",
  loss: { drawdown: "off", minBalance: "off" },
};

export function budgetOf(limit: string, more: Partial<GuardOptions> = {}): GuardPolicy {
  return guard({ ...free, budgets: [{ per: "agent", span: "day", limit }], ...more });
}

export function decided(key: string, over: Partial<NewIntent> = {}): NewIntent {
  return {
    key,
    ref: `dca/${key}`,
    account: "alpha",
    activity: "contract.pay",
    venue: "venue",
    fingerprint: "f1",
    run: "dca",
    owner: OWNER,
    lane: undefined,
    recordedAt: AT,
    ...over,
  };
}

export function paying(amount: string, over: Partial<IntentEffect["command"]> = {}): IntentEffect {
  return {
    workflow: "dca",
    command: { operation: "pay", kind: "open", amount: usdc(amount), ...over },
  };
}

const reducing = paying("0.00", { kind: "reduce" });

export async function under(
  store: IntentStore,
  policy: GuardPolicy | undefined,
  now: () => number = () => AT,
): Promise<StoreGuard> {
  return store.guardBy({ policy, now });
}

export function checkOf(word: GuardWord): unknown {
  assert.equal(word.kind, "denied");
  return word.kind === "denied" ? (word.failure.details as { check?: unknown }).check : undefined;
}

export async function spent(desk: StoreGuard): Promise<bigint | undefined> {
  return (await desk.status()).budgets[0]?.spent;
}

const judging: readonly StoreCase[] = [
  {
    name: "record() reserves what an effect may cost, once for its key, whoever asks how often",
    async run(store, again) {
      await using other = await again();
      const policy = budgetOf("10.00");
      const desk = await under(store, policy);
      await under(other, policy);
      for (const one of [store, other, store]) {
        assert.equal((await one.record(decided("a"), paying("6.00"))).word.kind, "admitted");
      }
      await other.record(decided("a", { owner: "dca/run-2/1" }), paying("6.00"));
      assert.equal(await spent(desk), usdc("6.00"));
      const { word } = await other.record(decided("b"), paying("6.00"));
      assert.equal(checkOf(word), "BUDGET");
      assert.equal((await store.record(decided("c"), paying("4.00"))).word.kind, "admitted");
      assert.equal(await spent(desk), usdc("10.00"));
    },
  },
  {
    name: "record() refuses in its transaction what is denied, and says so again to whoever was not told",
    async run(store, again) {
      await under(store, budgetOf("1.00"));
      const first = await store.record(decided("a"), paying("2.00"));
      await using other = await again();
      assert.equal((await other.find("a"))?.state, "refused");
      assert.equal((await other.sending("a", OWNER, AT)).kind, "gone");
      await under(other, budgetOf("1.00"));
      const told = await other.record(decided("a"), paying("2.00"));
      assert.deepEqual(told, first);
      assert.equal(told.intent.lastFailure?.code, "HF-GUARD-DENIED");
      assert.equal(await (await under(other, budgetOf("1.00"))).verifyAudit().then(rows), 2);
    },
  },
  {
    name: "record() judges anew what a later call asks for that was denied before",
    async run(store) {
      await under(store, budgetOf("1.00"));
      await store.record(decided("a"), paying("2.00"));
      const desk = await under(store, budgetOf("3.00"));
      assert.equal((await store.record(decided("a"), paying("2.00"))).word.kind, "denied");
      const later = await store.record(decided("a", { owner: "dca/run-2/1" }), paying("2.00"));
      assert.equal(later.word.kind, "admitted");
      assert.equal(later.intent.state, "open");
      assert.equal(await spent(desk), usdc("2.00"));
    },
  },
  {
    name: "record() denies what its activity cannot say, and lets another body under a key be no judgement",
    async run(store) {
      const desk = await under(store, budgetOf("9.00"));
      const unsaid = { workflow: "dca", command: undefined, unsaid: refused };
      const { word, intent } = await store.record(decided("a"), unsaid);
      assert.deepEqual([word.kind, intent.state], ["denied", "refused"]);
      await store.record(decided("b"), paying("1.00"));
      await store.record(decided("b", { fingerprint: "f2" }), paying("8.00"));
      assert.equal(await spent(desk), usdc("1.00"));
    },
  },
  {
    name: "many that race a budget are let through exactly so often as it lasts",
    async run(store, again) {
      await using other = await again();
      const desk = await under(store, budgetOf("10.00"));
      await under(other, budgetOf("10.00"));
      const words = await Promise.all(
        Array.from({ length: 32 }, async (_, n) => {
          const one = n % 2 === 0 ? store : other;
          return (await one.record(decided(`key-${n}`), paying("1.00"))).word.kind;
        }),
      );
      assert.equal(words.filter((kind) => kind === "admitted").length, 10);
      assert.equal(await spent(desk), usdc("10.00"));
      assert.equal((await desk.verifyAudit()).fault, undefined);
    },
  },
  {
    name: "what was sent before there was a guard is sent again",
    async run(store) {
      await store.record(decided("a"));
      await store.sending("a", OWNER, AT);
      await under(store, budgetOf("1.00"));
      assert.equal((await store.record(decided("a"), paying("5.00"))).word.kind, "admitted");
    },
  },
];

function rows(report: { readonly rows: number; readonly fault: unknown }): number {
  assert.equal(report.fault, undefined);
  return report.rows;
}

const settling: readonly StoreCase[] = [
  {
    name: "settle() posts what it did cost, lets go of what was refused, and keeps what is in doubt",
    async run(store) {
      const desk = await under(store, budgetOf("10.00"));
      for (const key of ["done", "refused", "doubt"]) {
        await store.record(decided(key), paying("3.00"));
        await store.sending(key, OWNER, AT);
      }
      assert.equal(await spent(desk), usdc("9.00"));
      const told = { cost: usdc("1.25") };
      await store.settle("done", { state: "done", output: encode(1), told }, AT);
      assert.equal(await spent(desk), usdc("7.25"));
      await store.settle("refused", { state: "refused", failure: refused }, AT);
      assert.equal(await spent(desk), usdc("4.25"));
      await store.settle("doubt", { state: "in-doubt", failure: lost }, AT);
      await store.note("doubt", {
        lastFailure: lost,
        unsent: false,
        asks: true,
        reconcileTries: 1,
      });
      assert.equal(await spent(desk), usdc("4.25"));
      for (let n = 0; n < 2; n += 1) {
        await store.settle("done", { state: "done", output: encode(1), told }, AT);
        await store.settle("doubt", { state: "refused", failure: refused }, AT);
        await store.settle("refused", { state: "refused", failure: refused }, AT);
      }
      assert.equal(await spent(desk), usdc("1.25"));
    },
  },
  {
    name: "settle() posts an effect that was released, and happened after all",
    async run(store) {
      const desk = await under(store, budgetOf("10.00"));
      await store.record(decided("a"), paying("3.00"));
      await store.settle("a", { state: "refused", failure: refused }, AT);
      await store.settle("a", { state: "done", output: encode(1) }, AT);
      assert.equal(await spent(desk), usdc("3.00"));
    },
  },
  {
    name: "settle() by a process without a policy posts and releases all the same",
    async run(store, again) {
      await using other = await again();
      const desk = await under(store, budgetOf("10.00"));
      await store.record(decided("a"), paying("3.00"));
      await store.record(decided("b"), paying("4.00"));
      await other.settle("a", { state: "done", output: encode(1), told: { cost: 0n } }, AT);
      await other.settle("b", { state: "refused", failure: refused }, AT);
      assert.equal(await spent(desk), usdc("0.00"));
    },
  },
  {
    name: "settle() takes in what the answer tells with the outcome; observe() without one",
    async run(store) {
      const desk = await under(store, budgetOf("10.00", { loss: { drawdown: 0.2 } }));
      await store.record(decided("a"), paying("3.00"));
      await store.observe(decided("a"), [{ kind: "equity", equity: usdc("100.00") }], AT);
      const observations = [{ kind: "equity", equity: usdc("70.00") }] as const;
      await store.settle("a", { state: "done", output: encode(1), told: { observations } }, AT);
      const { modes, equity } = await desk.status();
      assert.deepEqual([equity[0]?.equity, equity[0]?.peak], [usdc("70.00"), usdc("100.00")]);
      assert.ok(modes.some(({ scope, cause }) => scope === "agent:alpha" && cause === "drawdown"));
    },
  },
];

const leaving: readonly StoreCase[] = [
  {
    name: "doubt() keeps what a run that is gone may have spent, and frees what it had only reserved",
    async run(store) {
      const desk = await under(store, budgetOf("10.00"));
      for (const key of ["sent", "unsent"]) await store.record(decided(key), paying("3.00"));
      await store.sending("sent", OWNER, AT);
      assert.equal(await store.doubt("dca", lost, AT), 1);
      assert.equal(await spent(desk), usdc("3.00"));
      assert.equal((await store.sending("unsent", OWNER, AT)).kind, "gone");
      assert.deepEqual((await store.find("unsent"))?.lastFailure?.outcome, "not-sent");
    },
  },
];

const holding: readonly StoreCase[] = [
  {
    name: "sending() is held back by a mode that came after it was let through, until that is lifted",
    async run(store, again) {
      await using other = await again();
      await under(store, budgetOf("10.00"));
      const desk = await under(other, budgetOf("10.00"));
      await store.record(decided("a"), paying("3.00"));
      await store.record(decided("b", { account: "beta" }), paying("3.00"));
      const word = { scope: "agent:alpha", actor: "ada", reason: "test" };
      await desk.halt(word);
      const held = await store.sending("a", OWNER, AT, paying("3.00"));
      assert.equal(held.kind === "held" && held.failure.code, "HF-GUARD-HELD");
      assert.equal((await store.find("a"))?.sentAt, undefined);
      assert.equal((await store.sending("b", OWNER, AT, paying("3.00"))).kind, "sent");
      const { word: denied } = await store.record(decided("c"), paying("1.00"));
      assert.equal(checkOf(denied), "MODE");
      await desk.lift(word);
      assert.equal((await store.sending("a", OWNER, AT, paying("3.00"))).kind, "sent");
    },
  },
  {
    name: "modes count without a policy, and let through what closes everything",
    async run(store) {
      const desk = await under(store, undefined);
      assert.equal((await store.record(decided("reduce"), reducing)).word.kind, "admitted");
      await desk.halt({ scope: "project", actor: "ada", reason: "test" });
      await store.record(decided("open"), paying("1.00"));
      assert.equal((await store.find("open"))?.state, "refused");
      assert.equal((await store.sending("reduce", OWNER, AT, reducing)).kind, "held");
      const closing = { ...reducing, workflow: "holdfast.closeAll" };
      assert.equal((await store.sending("reduce", OWNER, AT, closing)).kind, "sent");
    },
  },
  {
    name: "what the guard refuses to do leaves nothing behind, and has its own words",
    async run(store) {
      const desk = await under(store, budgetOf("10.00"));
      const before = (await desk.status()).audit;
      const word = { scope: "project", actor: "ada", reason: "test" };
      await assert.rejects(desk.lift(word), (error) => hasCode(error, "HF-GUARD-NOTHING-TO-LIFT"));
      await assert.rejects(desk.answer({ id: "none", approved: true, actor: "ada", reason: "" }));
      assert.deepEqual((await desk.status()).audit, before);
      await desk.halt(word);
      assert.equal((await desk.status()).modes.length, 1);
    },
  },
  {
    name: "what a person is asked for is not sent before the answer, and any opener takes that",
    async run(store, again) {
      await using other = await again();
      const policy = budgetOf("10.00", { approval: { above: "2.00" } });
      await under(store, policy);
      const desk = await under(other, policy);
      const { word, intent } = await store.record(decided("a"), paying("3.00"));
      assert.deepEqual([word.kind, intent.state], ["asked", "open"]);
      assert.equal((await store.sending("a", OWNER, AT)).kind, "gone");
      assert.equal(await spent(desk), usdc("3.00"));
      const [row] = await desk.approvals({ state: "asked" });
      assert.equal(row?.key, "a");
      await desk.answer({ id: row?.id ?? "", approved: true, actor: "ada", reason: "fine" });
      assert.equal((await store.record(decided("a"), paying("3.00"))).word.kind, "admitted");
      assert.equal((await store.sending("a", OWNER, AT)).kind, "sent");
      assert.equal(await spent(desk), usdc("3.00"));
    },
  },
  {
    name: "no, and no answer in time, end what a person was asked for, and free what it had reserved",
    async run(store, again) {
      await using other = await again();
      let now = AT;
      const policy = budgetOf("10.00", { approval: { above: "2.00", expires: "1h" } });
      await under(store, policy, () => now);
      const desk = await under(other, policy, () => now);
      await store.record(decided("late"), paying("3.00"));
      now += 1;
      await store.record(decided("no", { recordedAt: now }), paying("4.00"));
      const asked = (await desk.approvals({ state: "asked" })).find(({ key }) => key === "no");
      await desk.answer({ id: asked?.id ?? "", approved: false, actor: "ada", reason: "no" });
      assert.equal(await spent(desk), usdc("3.00"));
      assert.equal((await desk.news()).nextAt, AT + 3_600_000);
      now = AT + 3_600_000;
      const { expired } = await desk.news();
      assert.deepEqual(
        expired.map(({ key, state }) => [key, state]),
        [["late", "expired"]],
      );
      assert.equal(await spent(desk), usdc("0.00"));
      for (const [key, check] of [
        ["no", "REJECTED"],
        ["late", "EXPIRED"],
      ] as const) {
        const { word, intent } = await store.record(decided(key), paying("3.00"));
        assert.deepEqual([word.kind, intent.state], ["admitted", "refused"], "its intent says no");
        assert.equal(intent.lastFailure?.details["check"], check);
      }
    },
  },
];

const sharing: readonly StoreCase[] = [
  {
    name: "a process with an older policy, or with none, decides nothing any more",
    async run(store, again) {
      await using older = await again();
      await using without = await again();
      await under(older, budgetOf("10.00"));
      await under(without, undefined);
      assert.equal((await older.record(decided("a"), paying("1.00"))).word.kind, "admitted");
      const desk = await under(store, budgetOf("5.00", { version: 2 }));
      await store.record(decided("b"), paying("1.00"));
      for (const [key, one] of [
        ["c", older],
        ["d", without],
      ] as const) {
        const { word } = await one.record(decided(key), paying("1.00"));
        assert.equal(checkOf(word), "VERSION_FENCED");
      }
      // What it had let through is its own to send.
      assert.equal((await older.record(decided("a"), paying("1.00"))).word.kind, "admitted");
      assert.equal((await older.sending("a", OWNER, AT)).kind, "sent");
      await using restarted = await again();
      await under(restarted, budgetOf("10.00"));
      assert.equal(await spent(desk), usdc("2.00"));
    },
  },
  {
    name: "processes whose policies differ count for each other, whichever came first",
    async run(store, again) {
      await using other = await again();
      const week = guard({ ...free, budgets: [{ per: "project", span: "week", limit: "5.00" }] });
      await under(store, budgetOf("5.00"));
      await store.record(decided("a"), paying("2.00"));
      const byWeek = await under(other, week);
      assert.equal(await spent(byWeek), usdc("2.00"));
      await store.record(decided("b"), paying("2.00"));
      assert.equal(await spent(byWeek), usdc("4.00"));
      const { word } = await other.record(decided("c"), paying("2.00"));
      assert.equal(checkOf(word), "BUDGET");
      await other.record(decided("d"), paying("1.00"));
      const full = await store.record(decided("e"), paying("1.00"));
      assert.equal(checkOf(full.word), "BUDGET");
    },
  },
  {
    name: "news() tells each process of all changes of modes, once, and of those that time makes",
    async run(store, again) {
      await using other = await again();
      let now = AT;
      const policy = budgetOf("10.00");
      const until = AT + 30_000;
      const desk = await under(store, policy, () => now);
      const reader = await under(other, policy, () => now);
      let { position } = await reader.news();
      await desk.halt({ scope: "project", actor: "ada", reason: "test" });
      await desk.breaker({ venue: "venue", isOpen: true, until, reason: "it fails" });
      const first = await reader.news(position);
      assert.deepEqual(
        first.changes.map(({ scope, from, to }) => [scope, from, to]),
        [
          ["project", undefined, "HALTED"],
          ["venue:venue", undefined, "REDUCE_ONLY"],
        ],
      );
      assert.equal(first.nextAt, until);
      ({ position } = first);
      assert.deepEqual((await reader.news(position)).changes, []);
      now = until;
      const over = await reader.news(position);
      assert.deepEqual(
        over.changes.map(({ scope, cause, to }) => [scope, cause, to]),
        [["venue:venue", "breaker", undefined]],
      );
      assert.equal(over.nextAt, undefined);
    },
  },
];

export const guardCases: readonly StoreCase[] = [
  ...judging,
  ...settling,
  ...leaving,
  ...holding,
  ...sharing,
];
