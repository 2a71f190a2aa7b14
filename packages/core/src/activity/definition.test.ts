// Definitions refuse what could not be made safe, and are frozen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { hasCode } from "../base/error.ts";
import { workflow } from "../workflow/definition.ts";
import { activity } from "./definition.ts";

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
