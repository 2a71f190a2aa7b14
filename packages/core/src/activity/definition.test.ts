// Definitions refuse what could not be made safe, and are frozen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { HoldfastError, hasCode, toFailure } from "../base/error.ts";
import { seededRandom } from "../base/random.ts";
import { retryDelayMs, retryPolicy } from "../policy/retry.ts";
import { workflow } from "../workflow/definition.ts";
import { activity } from "./definition.ts";
import { failure } from "./failure.ts";

const text = z.string();

test("activity() refuses money without a total, and says what to write", () => {
  const options = {
    name: "test.pay",
    input: text,
    output: text,
    effect: "money",
    run: (x: string) => x,
  };
  assert.throws(
    () => activity(options as never),
    (error) =>
      hasCode(error, "HF-ACTIVITY-INVALID") && error.message.includes('timeouts: { total: "5m" }'),
  );
});

test("activity() and workflow() refuse asynchronous schemas and bad names", () => {
  const asynchronous = {
    "~standard": { version: 1, vendor: "test", validate: async (value: unknown) => ({ value }) },
  } as const;
  assert.throws(
    () =>
      activity({
        name: "test.async",
        input: asynchronous,
        output: text,
        effect: "none",
        run: () => "x",
      }),
    (error) => hasCode(error, "HF-SCHEMA-ASYNC"),
  );
  assert.throws(
    () => workflow({ name: "a\nb", input: text, output: text, run: async () => "x" }),
    (error) => hasCode(error, "HF-ID-INVALID"),
  );
});

test("activity() refuses a thread for money, and one without a module", () => {
  const options = { name: "test.heavy", input: text, output: text, run: (x: string) => x } as const;
  const invalid = (why: RegExp) => (error: unknown) =>
    hasCode(error, "HF-ACTIVITY-INVALID") && why.test(error.message);
  const module = import.meta.url;
  assert.throws(
    () =>
      activity({
        ...options,
        effect: "money",
        timeouts: { total: "1m" },
        isolate: "thread",
        module,
      }),
    invalid(/money activity cannot run in a thread/u),
  );
  assert.throws(
    () => activity({ ...options, effect: "none", isolate: "thread" }),
    invalid(/module: import\.meta\.url/u),
  );
  const heavy = activity({ ...options, effect: "none", isolate: "thread", module });
  assert.equal(heavy.thread, module);
  assert.equal(activity({ ...options, effect: "none", module }).thread, undefined);
});

test("activity() hedges only what does not act, and has a group by its effect", () => {
  const options = { name: "test.read", input: text, output: text, run: (x: string) => x } as const;
  const hedge = { after: "500ms" } as const;
  const read = activity({ ...options, effect: "none", hedge });
  assert.deepEqual([read.hedgeMs, read.group], [500, "read"]);
  assert.equal(activity({ ...options, effect: "external", group: "orders" }).group, "orders");
  assert.equal(activity({ ...options, effect: "external" }).group, "write");
  const refused = (error: unknown): boolean => hasCode(error, "HF-ACTIVITY-INVALID");
  const timeouts = { total: "1m" } as const;
  assert.throws(() => activity({ ...options, effect: "money", timeouts, hedge }), refused);
  assert.throws(() => activity({ ...options, effect: "external", hedge }), refused);
  assert.throws(() => activity({ ...options, effect: "none", hedge: { after: 0 } }), refused);
});

test("failure() makes a refusal, or with retryAfterMs a failure that is tried again", () => {
  const declared = failure<{ need: number }>()("TEST-DECLARED");
  const refused = declared.create("no", { need: 1 });
  assert.deepEqual([refused.disposition, refused.outcome], ["refused", "refused"]);
  const later = declared.create("busy", { need: 1 }, { retryAfterMs: 5_000 });
  assert.deepEqual(
    [later.disposition, later.outcome, later.retryAfterMs],
    ["retry-after", "not-sent", 5_000],
  );
  assert.equal(new HoldfastError("TEST", "x", { retryAfterMs: 5 }).disposition, "retry-after");
});

test("retryDelayMs() takes retryAfterMs as a lower bound, and none that is negative or no number", () => {
  const random = { ...seededRandom("delay"), next: () => 0 };
  const delay = (retryAfterMs: number): number | undefined =>
    retryDelayMs(
      retryPolicy(),
      1,
      toFailure(new HoldfastError("T", "x", { retryAfterMs })),
      random,
    );
  assert.deepEqual([5_000, 0, -5, Number.NaN].map(delay), [5_000, 0, 0, 0]);
});

test("definitions are frozen and know their defaults", () => {
  const greet = activity({
    name: "test.greet",
    input: text,
    output: text,
    effect: "none",
    run: (name) => `Hello ${name}`,
  });
  assert.ok(Object.isFrozen(greet));
  assert.deepEqual(greet.timeouts, {
    queuedMs: undefined,
    attemptMs: 60_000,
    totalMs: 3_600_000,
    heartbeatMs: undefined,
  });
  assert.deepEqual(greet.retry, { firstMs: 1_000, factor: 2, maxMs: 300_000, attempts: undefined });
});
