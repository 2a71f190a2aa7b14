// Entries come back from their text as they went in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type HistoryEntry, encode } from "@holdfast/core";
import * as fc from "fast-check";
import { entriesFromText, entriesToText } from "./entry-text.ts";

const payload = fc
  .jsonValue()
  // The codec refuses what does not round-trip; the journal never sees it.
  .map((value) => JSON.stringify(value).replaceAll("-0", "0").replaceAll("__proto__", "proto"))
  .map((text) => encode(JSON.parse(text)));
const number = fc.nat(10_000);

const entry: fc.Arbitrary<HistoryEntry> = fc.oneof(
  fc.record({ kind: fc.constant("done" as const), call: number, output: payload }),
  fc.record({
    kind: fc.constant("done" as const),
    call: number,
    output: payload,
    decision: fc.record({ actor: fc.string(), reason: fc.string() }),
  }),
  fc.record(
    {
      kind: fc.constant("call" as const),
      call: number,
      activity: fc.string({ minLength: 1 }),
      effect: fc.constantFrom("none" as const, "external" as const, "money" as const),
      input: payload,
      totalMs: number,
      ordinal: number,
      key: fc.string(),
      ref: fc.string(),
    },
    {
      requiredKeys: ["kind", "call", "activity", "effect", "input", "totalMs"],
      noNullPrototype: true,
    },
  ),
  fc.record({ kind: fc.constant("signal" as const), name: fc.string(), payload, id: fc.string() }),
  fc.record({ kind: fc.constant("timer" as const), timer: number, at: number }),
);

test("entriesFromText() gives what entriesToText() took", () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      // Structurally cloned, because the generator's own objects may have no prototype.
      assert.deepEqual(entriesFromText(entriesToText(entries)), structuredClone(entries));
    }),
  );
});
