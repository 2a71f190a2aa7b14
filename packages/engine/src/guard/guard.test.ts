// The guard on the embedded engine: what is let through, what is held back, and what a crash in between leaves.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  type GuardOptions,
  HoldfastError,
  type ModeChange,
  type PoliciesOptions,
  encode,
  guard,
  hasCode,
  provide,
} from "@holdfast/core";
import { carryOut, checkCounters } from "@holdfast/guard";
import { VirtualClock, drive } from "@holdfast/testing/clock";
import { back, desk, one, ordering, seen, unsaid, venue } from "../fixture/guarded.ts";
import { type EmbeddedEngine, openEngine } from "../index.ts";
import type { CrashPoints } from "../point.ts";

class Scene {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 5, 12));
  readonly changes: ModeChange[] = [];
  policies: PoliciesOptions | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-guard-"));
  #options: GuardOptions | undefined;
  #engine: EmbeddedEngine | undefined;

  constructor(t: TestContext, options: GuardOptions | undefined) {
    this.#options = options;
    venue.sent.length = 0;
    venue.answer = () => undefined;
    venue.busy = undefined;
    venue.tokens.clear();
    t.after(async () => {
      await this.#engine?.close();
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  get engine(): EmbeddedEngine {
    assert.ok(this.#engine !== undefined);
    return this.#engine;
  }

  /** Opens the journal, after a crash where it is open. */
  async open(options = this.#options, point?: CrashPoints): Promise<this> {
    this.#engine?.abandon();
    this.#options = options;
    this.#engine = await openEngine({
      path: join(this.#folder, "journal.sqlite"),
      definitions: [one, ordering, back, unsaid, seen],
      resources: [provide(desk, () => ({}))],
      clock: this.clock,
      seed: "guard",
      guard: options === undefined ? undefined : guard(options),
      onModes: (changes) => this.changes.push(...changes),
      policies: this.policies,
      ...(point === undefined ? {} : { point }),
    });
    return this;
  }

  until<Value>(promise: Promise<Value>): Promise<Value> {
    return drive(promise, { clock: this.clock, engines: () => [this.engine] });
  }

  pass(ms: number): void {
    this.clock.advanceTo(this.clock.now() + ms);
  }

  async pay(id: string, amount: string, to = "shop"): Promise<string> {
    const run = await this.engine.client.start(one, { to, amount, twin: id }, { id });
    return this.until(run.result());
  }

  async spent(): Promise<readonly string[]> {
    const { budgets } = await this.engine.guard.status();
    return budgets.map(({ name, value, spent }) => `${name} ${value} ${spent / 1_000_000n}`);
  }

  /** Counters equal what they are worked out to be from the ledger. */
  async assertCounted(): Promise<void> {
    const policy = this.#options === undefined ? undefined : guard(this.#options);
    const { trackers } = policy ?? { trackers: [] };
    const now = this.clock.now();
    const faults = this.engine.inspect(({ guard: carry }) =>
      carryOut(checkCounters(trackers, now), carry),
    );
    assert.deepEqual(await faults, []);
  }
}

/** Resolves when a run stands so. */
async function waitFor(scene: Scene, id: string, status: string): Promise<void> {
  for (;;) {
    const found = await scene.engine.describe(id);
    if (found.status === status) return;
    await scene.engine.idle();
  }
}

const DAY = { budgets: [{ per: "agent", span: "day", limit: "100.00" }] } satisfies GuardOptions;

function refused(outcome: "refused" | "not-sent" | "unknown"): HoldfastError {
  return new HoldfastError("TEST-VENUE", "The venue said so.", {
    class: "api",
    disposition: outcome === "refused" ? "refused" : "retry",
    outcome,
  });
}

test("a budget is spent to its last unit, and what would exceed it is denied and never sent", async (t) => {
  const scene = await new Scene(t, DAY).open();
  assert.equal(await scene.pay("a", "60.00"), "done");
  assert.equal(await scene.pay("b", "40.000001"), "BUDGET");
  assert.equal(await scene.pay("c", "40.00"), "done");
  assert.equal(await scene.pay("d", "0.000001"), "BUDGET");
  assert.deepEqual(venue.sent, ["a", "c"]);
  assert.deepEqual(await scene.spent(), ["agent/day default 100"]);
  await scene.assertCounted();
  scene.pass(12 * 3_600_000);
  assert.equal(await scene.pay("e", "100.00"), "done");
  await scene.assertCounted();
});

test("a clock that is set back over the end of a budget opens no budget of yesterday", async (t) => {
  const scene = await new Scene(t, DAY).open();
  scene.pass(24 * 3_600_000);
  assert.equal(await scene.pay("a", "100.00"), "done");
  await scene.engine.close();
  const earlier = new VirtualClock(Date.UTC(2026, 0, 5, 13));
  Object.defineProperty(scene, "clock", { value: earlier });
  await scene.open();
  assert.equal(await scene.pay("b", "1.00"), "BUDGET");
});

test("a retry reserves once; a refusal gives back what was reserved; what is in doubt keeps it", async (t) => {
  const scene = await new Scene(t, DAY).open();
  venue.answer = (_ref, attempt) => {
    if (attempt < 4) throw refused("not-sent");
  };
  assert.equal(await scene.pay("a", "60.00"), "done");
  assert.equal(venue.sent.length, 4);
  assert.deepEqual(await scene.spent(), ["agent/day default 60"]);
  venue.answer = () => {
    throw refused("refused");
  };
  assert.equal(await scene.pay("b", "40.00"), "TEST-VENUE");
  assert.deepEqual(await scene.spent(), ["agent/day default 60"]);
  venue.answer = () => {
    throw new HoldfastError("TEST-LOST", "No answer.", { disposition: "terminal" });
  };
  const run = await scene.engine.client.start(one, { to: "x", amount: "40.00" }, { id: "c" });
  await scene.until(waitFor(scene, "c", "in-doubt"));
  assert.deepEqual(await scene.spent(), ["agent/day default 100"]);
  venue.answer = () => undefined;
  assert.equal(await scene.pay("d", "0.01"), "BUDGET");
  const key = (await scene.engine.describe("c")).calls[0]?.key ?? "";
  await scene.engine.apply([
    {
      kind: "resolve",
      id: "c",
      key,
      resolution: { kind: "not-done" },
      actor: "ann",
      reason: "not at the venue",
      requestId: "r1",
    },
  ]);
  assert.equal(await scene.until(run.result()), "HF-RESOLVED-NOT-DONE");
  assert.deepEqual(await scene.spent(), ["agent/day default 60"]);
  await scene.assertCounted();
});

test("what is completed from outside, or resolved as done, costs what its activity says of the output", async (t) => {
  const scene = await new Scene(t, DAY).open();
  const start = (id: string) =>
    scene.engine.client.start(ordering, { to: "shop", amount: "40.00" }, { id });
  const completed = await start("a");
  const resolved = await start("b");
  await scene.engine.idle();
  assert.deepEqual(await scene.spent(), ["agent/day default 80"]);
  await scene.open();
  await scene.engine.client.complete(venue.tokens.get("a") ?? "", { paid: "3.00" });
  assert.equal(await scene.until(scene.engine.client.run(ordering, completed.id).result()), "done");
  assert.deepEqual(await scene.spent(), ["agent/day default 43"]);
  // Nobody completes it before its total is over.
  scene.pass(3_600_000);
  await waitFor(scene, "b", "in-doubt");
  const key = (await scene.engine.describe("b")).calls[0]?.key ?? "";
  await scene.engine.apply([
    {
      kind: "resolve",
      id: "b",
      key,
      resolution: { kind: "done", output: encode({ paid: "5.00" }) },
      actor: "ann",
      reason: "it stands in the venue's records",
      requestId: "r1",
    },
  ]);
  assert.equal(await scene.until(scene.engine.client.run(ordering, resolved.id).result()), "done");
  assert.deepEqual(await scene.spent(), ["agent/day default 8"]);
  await scene.assertCounted();
});

test("another policy counts what was spent before; one below what is spent denies everything", async (t) => {
  const scene = await new Scene(t, DAY).open();
  assert.equal(await scene.pay("a", "60.00"), "done");
  await scene.open({ budgets: [{ per: "counterparty", span: "week", limit: "50.00" }] });
  assert.deepEqual(await scene.spent(), ["counterparty/week shop 60"]);
  assert.equal(await scene.pay("b", "0.01"), "BUDGET");
  assert.equal(await scene.pay("c", "50.00", "other"), "done");
  await scene.assertCounted();
  const [changed] = (await scene.engine.guard.audit({ limit: 1_000 })).filter(
    ({ action, position }) => action === "policy changed" && position > 1,
  );
  assert.ok(changed !== undefined);
});

test("a policy changes while an intent is reserved: the reservation counts in the new one, and is posted there", async (t) => {
  const scene = await new Scene(t, DAY).open();
  venue.answer = () => {
    throw refused("not-sent");
  };
  const run = await scene.engine.client.start(one, { to: "shop", amount: "60.00" }, { id: "a" });
  await scene.engine.idle();
  await scene.open({ budgets: [{ per: "project", span: "total", limit: "100.00" }] });
  assert.deepEqual(await scene.spent(), ["project/total project 60"]);
  venue.answer = () => undefined;
  await scene.until(scene.engine.result({ id: run.id }));
  assert.deepEqual(await scene.spent(), ["project/total project 60"]);
  await scene.assertCounted();
});

test("a denial that a crash kept from being told is told afterwards, and nothing is sent", async (t) => {
  const scene = new Scene(t, DAY);
  let isOver = false;
  await scene.open(DAY, (window, about) => {
    if (isOver || window !== "commit.after" || !about.includes("+big")) return;
    isOver = true;
    throw new Error("crashed here");
  });
  const input = { to: "shop", amount: "101.00" };
  void scene.engine.client.start(one, input, { id: "big" }).catch(() => undefined);
  await scene.engine.idle();
  assert.ok(isOver);
  // It opens its file again after a second.
  scene.pass(1_000);
  assert.equal(await scene.until(scene.engine.client.run(one, "big").result()), "BUDGET");
  assert.deepEqual(venue.sent, []);
});

test("a money activity that says nothing is denied, unless the policy lists it", async (t) => {
  const scene = await new Scene(t, DAY).open();
  const run = await scene.engine.client.start(unsaid, "x", { id: "a" });
  assert.equal(await scene.until(run.result()), "UNGUARDED");
  await scene.open({ ...DAY, unguarded: ["guard.silent"] });
  const again = await scene.engine.client.start(unsaid, "x", { id: "b" });
  assert.equal(await scene.until(again.result()), "done");
});

test("halt holds back what was let through before, denies what comes, and lasts over a restart with other code", async (t) => {
  const scene = await new Scene(t, undefined).open();
  venue.answer = () => {
    throw refused("not-sent");
  };
  await scene.engine.client.start(one, { to: "shop", amount: "1.00" }, { id: "before" });
  await scene.engine.idle();
  await scene.engine.guard.halt({ scope: "agent:default", actor: "ann", reason: "strange" });
  const count = venue.sent.length;
  venue.answer = () => undefined;
  scene.pass(60_000);
  await scene.engine.idle();
  await scene.open(DAY);
  scene.pass(60_000);
  await scene.engine.idle();
  assert.equal(venue.sent.length, count);
  assert.equal(await scene.pay("during", "1.00"), "MODE");
  const run = await scene.engine.client.start(back, "x", { id: "back" });
  assert.equal(await scene.until(run.result()), "MODE");
  await scene.engine.guard.lift({ scope: "agent:default", actor: "ann", reason: "looked at it" });
  const client = scene.engine.client.run(one, "before");
  assert.equal(await scene.until(client.result()), "done");
  assert.equal(venue.sent.length, count + 1);
  await assert.rejects(
    scene.engine.guard.lift({ scope: "project", actor: "ann", reason: "once more" }),
    (error) => hasCode(error, "HF-GUARD-NOTHING-TO-LIFT"),
  );
});

test("what is held back ends with its total, not sent, and its reservation is free", async (t) => {
  const scene = await new Scene(t, DAY).open();
  venue.answer = () => {
    throw refused("not-sent");
  };
  const run = await scene.engine.client.start(one, { to: "shop", amount: "60.00" }, { id: "a" });
  await scene.engine.idle();
  await scene.engine.guard.halt({ scope: "project", actor: "ann", reason: "strange" });
  assert.equal(await scene.until(run.result()), "HF-GUARD-HELD");
  assert.deepEqual(await scene.spent(), ["agent/day default 0"]);
});

test("losses halt an agent from its peak over restarts, and only a person lifts that", async (t) => {
  const scene = await new Scene(t, DAY).open();
  const show = async (id: string, equity: string, available?: string): Promise<void> => {
    const input = available === undefined ? { equity } : { equity, available };
    const run = await scene.engine.client.start(seen, input, { id });
    await scene.until(run.result());
  };
  await show("s1", "100.00");
  await show("s2", "200.00");
  await scene.open();
  await show("s3", "160.00");
  assert.equal(await scene.pay("a", "1.00"), "done");
  await show("s4", "159.99");
  await show("s5", "200.00");
  await scene.open();
  scene.pass(7 * 86_400_000);
  assert.equal(await scene.pay("b", "1.00"), "MODE");
  const lift = { scope: "agent:default", actor: "ann", reason: "seen" };
  await scene.engine.guard.lift(lift);
  await show("s6", "159.99");
  await show("s7", "200.00", "9.999999");
  assert.deepEqual(
    scene.changes.map(({ cause, to = "FULL" }) => `${cause} ${to}`),
    ["drawdown HALTED", "drawdown FULL", "drawdown HALTED", "balance HALTED"],
  );
});

test("a day's loss lets an agent only reduce until the day is over", async (t) => {
  const scene = await new Scene(t, { ...DAY, loss: { day: 0.1, drawdown: "off" } }).open();
  for (const [id, equity] of [
    ["s1", "100.00"],
    ["s2", "89.00"],
  ] as const) {
    const run = await scene.engine.client.start(seen, { equity }, { id });
    await scene.until(run.result());
  }
  assert.equal(await scene.pay("a", "1.00"), "MODE");
  const run = await scene.engine.client.start(back, "x", { id: "back" });
  assert.equal(await scene.until(run.result()), "done");
  scene.pass(12 * 3_600_000);
  await scene.engine.idle();
  assert.equal(await scene.pay("b", "1.00"), "done");
  assert.deepEqual(
    scene.changes.map(({ cause, from = "FULL", to = "FULL" }) => `${cause} ${from} ${to}`),
    ["day-loss FULL REDUCE_ONLY", "day-loss REDUCE_ONLY FULL"],
  );
});

test("an approval is asked for one command: approved it is sent once, with a total of its own", async (t) => {
  const scene = await new Scene(t, { ...DAY, approval: { above: "50.00" } }).open();
  const run = await scene.engine.client.start(one, { to: "shop", amount: "60.00" }, { id: "a" });
  await scene.until(waitFor(scene, "a", "awaiting-approval"));
  assert.deepEqual(await scene.spent(), ["agent/day default 60"]);
  scene.pass(5 * 3_600_000);
  await scene.open();
  const [asked] = await scene.engine.guard.approvals({ state: "asked" });
  assert.ok(asked !== undefined);
  assert.equal((await scene.engine.dead()).letters[0]?.suggestion, "approve");
  await assert.rejects(
    scene.engine.guard.answer({ id: asked.id, approved: true, actor: "default", reason: "mine" }),
    (error) => hasCode(error, "HF-APPROVAL-OWN"),
  );
  const word = { id: asked.id, approved: true, actor: "ann", reason: "fine" };
  assert.equal((await scene.engine.guard.answer(word)).state, "approved");
  assert.equal(await scene.until(scene.engine.client.run(one, run.id).result()), "done");
  assert.deepEqual(venue.sent, ["a"]);
  await assert.rejects(scene.engine.guard.answer(word), (error) =>
    hasCode(error, "HF-APPROVAL-DECIDED"),
  );
  await scene.assertCounted();
  assert.equal((await scene.engine.guard.verifyAudit()).fault, undefined);
});

test("an approval that is rejected, expires or is not waited for any more sends nothing and frees its budget", async (t) => {
  const scene = await new Scene(t, {
    ...DAY,
    approval: { newCounterparty: true, expires: "2h" },
  }).open();
  const start = async (id: string): Promise<string> => {
    await scene.engine.client.start(one, { to: id, amount: "10.00" }, { id });
    await scene.until(waitFor(scene, id, "awaiting-approval"));
    const asked = await scene.engine.guard.approvals({ state: "asked" });
    return asked.find(({ run }) => run === id)?.id ?? "";
  };
  const id = await start("no");
  await scene.engine.guard.answer({ id, approved: false, actor: "ann", reason: "who is that" });
  assert.equal(await scene.until(scene.engine.client.run(one, "no").result()), "REJECTED");
  await start("gone");
  await scene.engine.apply([{ kind: "terminate", id: "gone", reason: "not wanted" }]);
  await start("late");
  assert.equal(await scene.until(scene.engine.client.run(one, "late").result()), "EXPIRED");
  assert.deepEqual(venue.sent, []);
  assert.deepEqual(await scene.spent(), ["agent/day default 0"]);
  const states = (await scene.engine.guard.approvals()).map(({ run, state }) => `${run} ${state}`);
  assert.deepEqual(states.toSorted(), ["gone withdrawn", "late expired", "no rejected"]);
  await scene.assertCounted();
});

test("what reduces goes before others where a venue's limits make calls wait", async (t) => {
  const scene = new Scene(t, undefined);
  scene.policies = { desk: { concurrency: 1, breaker: false } };
  await scene.open();
  const gone = Promise.withResolvers<void>();
  venue.busy = gone.promise;
  for (const id of ["first", "second"])
    await scene.engine.client.start(one, { to: "shop", amount: "1.00" }, { id });
  const run = await scene.engine.client.start(back, "x", { id: "back" });
  assert.equal(await run.result(), "done");
  assert.equal(venue.sent.length, 2, "the second payment waits");
  gone.resolve();
  assert.equal(await scene.until(scene.engine.client.run(one, "second").result()), "done");
});
