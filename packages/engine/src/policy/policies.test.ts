// Policies on the real engine: what a breaker and limits let through, in virtual time, across crashes.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ActivityContext,
  type BreakerChange,
  HoldfastError,
  type PoliciesOptions,
  activity,
  meaningOf,
  provide,
  resource,
  workflow,
} from "@holdfast/core";
import { VirtualClock } from "@holdfast/testing/clock";
import { z } from "zod";
import { type EmbeddedEngine, memoryJournal, openEngine } from "../index.ts";

const desk = resource<unknown>({
  name: "policed",
  venue: { idempotency: "header", keyTtlMs: 86_400_000, settleMs: 1_000 },
  bind: (raw) => raw,
});

/** What the venue does: throws, or answers after so long. */
let venue: (who: string, a: ActivityContext) => Promise<string> = async (who) => who;
let sent: string[] = [];

const read = activity({
  name: "policed.read",
  input: z.string(),
  output: z.string(),
  effect: "none",
  uses: { desk },
  timeouts: { total: "10m" },
  retry: { max: "1s" },
  run: (who, a) => {
    sent.push(`${who}#${a.attempt}`);
    return venue(`${a.account}/${who}`, a);
  },
});

const hedged = activity({
  name: "policed.hedged",
  input: z.string(),
  output: z.string(),
  effect: "none",
  uses: { desk },
  hedge: { after: "1s" },
  timeouts: { total: "10m" },
  run: (who, a) => venue(`${a.account}/${who}`, a),
});

const pay = activity({
  name: "policed.pay",
  input: z.string(),
  output: z.string(),
  effect: "money",
  uses: { desk },
  timeouts: { total: "10m" },
  run: (who, a) => venue(`${a.account}/${who}`, a),
  reconcile: async (who, a) => ({
    kind: "done",
    output: await venue(`${a.account}/${who}?`, a),
  }),
});

const one = workflow({
  name: "policed.one",
  input: z.string(),
  output: z.string(),
  run: (ctx, who) => {
    if (who.startsWith("local")) return ctx.call(read, who, { local: true });
    return ctx.call(who.startsWith("pay") ? pay : who.startsWith("hedge") ? hedged : read, who);
  },
});

function down(status = 503, retryAfterMs?: number): never {
  throw new HoldfastError("TEST-DOWN", `It answered ${status}.`, {
    ...meaningOf("http", status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

interface Scene {
  readonly clock: VirtualClock;
  readonly changes: BreakerChange[];
  readonly lines: string[];
  engine: EmbeddedEngine;
  open(): Promise<EmbeddedEngine>;
  until<Value>(promise: Promise<Value>): Promise<Value>;
  start(who: string, account?: string): Promise<string>;
}

async function scene(policies: PoliciesOptions = {}): Promise<Scene> {
  const clock = new VirtualClock();
  const { path } = memoryJournal();
  const changes: BreakerChange[] = [];
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  sent = [];
  venue = async (who) => who;
  const open = (): Promise<EmbeddedEngine> =>
    openEngine({
      path,
      definitions: [one],
      resources: [provide(desk, () => ({}))],
      clock,
      seed: "policies",
      policies,
      log: { debug: say, info: say, warn: say, error: say },
      onBreaker: (change) => changes.push(change),
    });
  const at: Scene = {
    clock,
    changes,
    lines,
    engine: await open(),
    open,
    until: (promise) => settled(at, promise),
    start: async (who, account = "default") =>
      (await at.engine.client.start(one, who, { id: `${account}-${who}`, account })).result(),
  };
  return at;
}

function countOf(text: string): number {
  return sent.filter((what) => what.startsWith(text)).length;
}

test("five failures in a row open a breaker, and of 64 callers one is the probe when it has cooled", async () => {
  const at = await scene();
  await using engine = at.engine;
  const start = at.clock.now();
  venue = () => down();
  const first = at.start("first");
  const jobs = [at.until(first)];
  const waiting: Promise<string>[] = [];
  let probe: ((answer: string) => void) | undefined;
  at.clock.setTimer(start + 30_000, () => {
    assert.equal(sent.length, 5);
    assert.deepEqual(
      at.changes.map(({ name, to }) => [name, to]),
      [["policed/read", "open"]],
    );
    for (let n = 0; n < 63; n += 1) waiting.push(at.start(`w${n}`));
    venue = () => new Promise((resolve) => (probe = resolve));
  });
  at.clock.setTimer(start + 75_000, () => {
    assert.equal(sent.length, 6, "one probe among 64");
    venue = async (who) => who;
    probe?.("probed");
  });
  await Promise.all(jobs);
  await at.until(Promise.all(waiting));
  assert.equal(sent.length, 6 + 63);
  assert.equal(countOf("w1#1"), 1, "a wait at a breaker is no attempt");
  assert.deepEqual(
    at.changes.map(({ to }) => to),
    ["open", "half-open", "closed"],
  );
  assert.ok(at.clock.now() - start > 75_000 && at.clock.now() - start <= 82_000, "spread over 6 s");
  assert.ok(
    at.lines.some((line) => /^Breaker "policed\/read" is open until .*: 5 failures/u.test(line)),
  );
  assert.deepEqual(
    (await engine.breakers()).filter(({ name }) => name === "policed/read").map(({ mode }) => mode),
    ["closed"],
  );
});

test("an open breaker outlives a crash of its engine, and so does what a person has said", async () => {
  const at = await scene();
  venue = () => down();
  const result = at.start("a");
  result.catch(() => undefined);
  while (at.changes.length === 0) {
    await at.engine.idle();
    at.clock.advanceTo(at.clock.now() + 500);
  }
  const openUntil = at.changes[0]?.openUntil ?? 0;
  at.engine.abandon();
  at.engine = await at.open();
  await using _last = { [Symbol.asyncDispose]: () => at.engine.close() };
  const before = sent.length;
  venue = async (who) => who;
  // One that knows nothing of the failures.
  const other = at.start("other");
  const again = at.engine.client.run(one, "default-a").result();
  await at.until(Promise.race([other, again]));
  assert.ok(at.clock.now() >= openUntil, "nothing was sent before it had cooled");
  await at.until(Promise.all([other, again]));
  assert.equal(sent.length, before + 2);
  await at.engine.apply([
    { kind: "breaker", name: "policed/read", wish: "open", actor: "ann", reason: "maintenance" },
  ]);
  at.engine.abandon();
  at.engine = await at.open();
  const [kept] = (await at.engine.breakers()).filter(({ name }) => name === "policed/read");
  assert.deepEqual(kept?.forced, { actor: "ann", reason: "maintenance" });
  const held = at.start("b");
  await at.engine.idle();
  assert.equal(countOf("b#"), 0);
  await at.engine.apply([
    { kind: "breaker", name: "policed/read", wish: "auto", actor: "ann", reason: "over" },
  ]);
  await at.until(held);
  assert.deepEqual(
    at.changes.slice(-1).map(({ to, actor }) => [to, actor]),
    [["closed", undefined]],
  );
  await assert.rejects(
    at.engine.apply([
      { kind: "breaker", name: "policed/wirte", wish: "open", actor: "ann", reason: "x" },
    ]),
    { code: "HF-BREAKER-UNKNOWN" },
  );
});

test("a call that waits at a breaker until its total is over fails as not sent", async () => {
  const at = await scene({ policed: { breaker: { failures: 1, cooling: "1h" } } });
  await using _engine = at.engine;
  venue = () => down();
  await assert.rejects(at.until(at.start("a")), (error: unknown) => {
    const { code, outcome } = error as { readonly code: string; readonly outcome: string };
    assert.deepEqual([code, outcome], ["HF-BREAKER-OPEN", "not-sent"]);
    return true;
  });
  assert.deepEqual(sent, ["a#1"]);
});

test("refusals, and a venue that asks for patience, never open a breaker", async () => {
  const at = await scene();
  await using _engine = at.engine;
  let left = 12;
  venue = async () => ((left -= 1) > 0 ? down(429, 100) : "fine");
  await at.until(at.start("a"));
  venue = () => down(422);
  for (let n = 0; n < 9; n += 1)
    await assert.rejects(at.until(at.start(`r${n}`)), { code: "TEST-DOWN" });
  assert.equal(countOf("r"), 9, "a refusal is never tried again");
  assert.deepEqual(at.changes, []);
});

test("limits bound the calls of an account, and a 429 slows its account and no other", async () => {
  const at = await scene({ policed: { concurrency: 2, breaker: false } });
  await using _engine = at.engine;
  let inside = 0;
  let most = 0;
  venue = async (who) => {
    most = Math.max(most, (inside += 1));
    await new Promise<void>((resolve) => {
      at.clock.setTimer(at.clock.now() + 100, () => {
        inside -= 1;
        resolve();
      });
    });
    return who;
  };
  const start = at.clock.now();
  const all = Promise.all(Array.from({ length: 10 }, (_, n) => at.start(`a${n}`)));
  await at.until(all);
  assert.deepEqual([most, at.clock.now() - start], [2, 500]);
  const slept: [string, number][] = [];
  let throttled = false;
  venue = async (who) => {
    if (who === "default/x" && !throttled) {
      throttled = true;
      down(429, 7_000);
    }
    slept.push([who, at.clock.now() - begun]);
    return who;
  };
  const begun = at.clock.now();
  const x = at.start("x");
  await at.engine.idle();
  await at.until(Promise.all([x, at.start("y"), at.start("z", "other")]));
  const times = Object.fromEntries(slept);
  assert.equal(times["other/z"], 0);
  const y = times["default/y"] ?? 0;
  assert.ok(y >= 7_000 && y <= 7_700, `${y}`);
  assert.ok((times["default/x"] ?? 0) >= 7_000);
});

/** Runs one call, whose venue asks for a rest where `body` says so; gives how long after that others were sent. */
async function afterRest(
  who: string,
  body: (a: ActivityContext, name: string, rest: (ms: number) => void) => string | Promise<string>,
): Promise<Readonly<Record<string, number>>> {
  const at = await scene();
  await using _engine = at.engine;
  let asked = Number.NaN;
  const times: Record<string, number> = {};
  venue = async (name, a) => {
    times[name] ??= at.clock.now() - asked;
    if (!name.startsWith(`default/${who}`)) return name;
    return body(a, name, (ms) => {
      a.rest(ms);
      asked = at.clock.now();
    });
  };
  await at.until(at.start(who));
  const others = [at.start("next"), at.start("pay"), at.start("other", "other")];
  await at.until(Promise.all(others));
  assert.equal(countOf("next"), 1, "a wait is no attempt");
  return times;
}

function assertRested(times: Readonly<Record<string, number>>, why: string): void {
  assert.ok((times["other/other"] ?? NaN) < 2_000, `${why}: another account waits for nothing`);
  for (const next of ["default/next", "default/pay"]) {
    const time = times[next] ?? 0;
    assert.ok(time >= 7_000 && time <= 7_700, `${why}: ${next} went after ${time} ms`);
  }
}

test("an answer may ask for a rest, and no call of its account goes before that is over", async () => {
  for (const who of ["plain", "pay-this", "local", "hedge"]) {
    const times = await afterRest(who, (_a, name, rest) => {
      rest(7_000);
      // Neither shortens it.
      rest(10);
      rest(Number.NaN);
      return name;
    });
    assertRested(times, who);
  }
});

const LOST = { class: "api", disposition: "terminal", outcome: "unknown" } as const;

test("a refusal, a question about money, and the second try of a hedged read may ask for a rest", async () => {
  const failed = await afterRest("x", (a, name, rest) => {
    if (a.attempt > 1) return name;
    rest(7_000);
    return down();
  });
  assert.ok((failed["default/next"] ?? 0) >= 7_000, "its own next attempt was held, too");
  const asked = await afterRest("pay-this", (_a, name, rest) => {
    // What leaves it open, and is not sent again, makes the engine ask.
    if (!name.endsWith("?")) throw new HoldfastError("TEST-LOST", "No answer came.", LOST);
    rest(7_000);
    return name;
  });
  assertRested(asked, "a question");
  let tries = 0;
  const hedge = await afterRest("hedge", (_a, name, rest) => {
    tries += 1;
    if (tries === 1) return new Promise(() => undefined);
    rest(7_000);
    return name;
  });
  assertRested(hedge, "a second try");
});

/** Attempts here end by the clock's own timers: time may move while they are in flight. */
async function settled<Value>(at: Scene, promise: Promise<Value>): Promise<Value> {
  let isSettled = false;
  const mark = (): void => void (isSettled = true);
  promise.then(mark, mark);
  for (;;) {
    for (let n = 0; n < 5; n += 1) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      await at.engine.idle();
    }
    if (isSettled) return promise;
    const { next } = at.clock;
    if (next === undefined) throw new Error("nothing is due");
    at.clock.advanceTo(Math.max(next, at.clock.now()));
  }
}
