// Idempotency keys: golden vectors that must never change, and properties against an independent
// implementation.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { KEY_LENGTH, type KeyParts, idempotencyKey, partKey } from "./key.ts";

/** The key computed another way: node:crypto and base32 by big integers. */
function independently(parts: readonly (string | number)[]): string {
  const text = parts.map((part) => `${Buffer.byteLength(String(part))}:${String(part)}`).join("");
  let bits = BigInt(`0x${createHash("sha256").update(text).digest("hex")}`) >> (256n - 160n);
  let key = "";
  for (let index = 0; index < 32; index += 1) {
    key = "abcdefghijklmnopqrstuvwxyz234567".charAt(Number(bits & 31n)) + key;
    bits >>= 5n;
  }
  return key;
}

const ordinal: KeyParts = {
  kind: "ordinal",
  namespace: "default",
  root: "dca-btc",
  generation: 0,
  activity: "purpleflea.openPosition",
  ordinal: 17,
};

test("idempotencyKey() gives the golden vectors", () => {
  const { namespace, activity } = ordinal;
  const user: KeyParts = {
    kind: "user",
    namespace,
    root: "dca-btc",
    activity,
    userKey: "period-17",
  };
  const project: KeyParts = { kind: "project", namespace, activity, userKey: "period-17" };
  assert.deepEqual(
    [ordinal, user, project].map((parts) => idempotencyKey(parts)),
    GOLDEN,
  );
  assert.equal(partKey(GOLDEN[0] ?? "", "leg-2"), GOLDEN_PART);
});

test("idempotencyKey() agrees with an independent implementation", () => {
  const text = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.nat(1_000),
      fc.nat(1_000),
      (namespace, root, activity, generation, n) => {
        const key = idempotencyKey({
          kind: "ordinal",
          namespace,
          root,
          generation,
          activity,
          ordinal: n,
        });
        assert.equal(key, independently(["hf1", namespace, root, generation, activity, "n", n]));
        assert.equal(key.length, KEY_LENGTH);
      },
    ),
  );
});

test("idempotencyKey() differs wherever a part differs, however parts are cut", () => {
  const keys = new Set<string>();
  const variants: KeyParts[] = [
    ordinal,
    { ...ordinal, namespace: "other" },
    { ...ordinal, root: "dca-bt" },
    { ...ordinal, generation: 1 },
    { ...ordinal, activity: "purpleflea.openPositio" },
    { ...ordinal, ordinal: 18 },
    { ...ordinal, root: "dca-btc1:0", generation: 0 },
    { kind: "user", namespace: "default", root: "a", activity: "b", userKey: "c" },
    { kind: "user", namespace: "default", root: "a1:b", activity: "c", userKey: "" },
    { kind: "project", namespace: "default", activity: "b", userKey: "c" },
  ];
  for (const parts of variants) keys.add(idempotencyKey(parts));
  assert.equal(keys.size, variants.length);
});

test("idempotencyKey() gives no two lists of parts one key", () => {
  const text = fc.string({ maxLength: 6 }).filter((value) => value.isWellFormed());
  const parts: fc.Arbitrary<KeyParts> = fc.oneof(
    fc.record({
      kind: fc.constant("ordinal" as const),
      namespace: text,
      root: text,
      generation: fc.nat(12),
      activity: text,
      ordinal: fc.nat(12),
    }),
    fc.record({
      kind: fc.constant("user" as const),
      namespace: text,
      root: text,
      activity: text,
      userKey: text,
    }),
    fc.record({
      kind: fc.constant("project" as const),
      namespace: text,
      activity: text,
      userKey: text,
    }),
  );
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      assert.equal(idempotencyKey(one) === idempotencyKey(other), same);
      assert.match(idempotencyKey(one), /^[a-z2-7]{32}$/u);
    }),
    { numRuns: 2_000 },
  );
});

test("partKey() differs for each part, and from the key of the call", () => {
  const key = idempotencyKey(ordinal);
  const keys = new Set([key, partKey(key, ""), partKey(key, "leg-1"), partKey(key, "leg-2")]);
  assert.equal(keys.size, 4);
});

const GOLDEN = [
  "h7cdwcddktiiemeutyofx7dnsmptgi7f",
  "e3lcgiqlkhpzzhvvzm5mb6na42czrmly",
  "thcd75fenkhahc5g3sou6bd32nleh3db",
];
const GOLDEN_PART = "i7v7buicxswalup5iwchihnuhfyruiiz";
