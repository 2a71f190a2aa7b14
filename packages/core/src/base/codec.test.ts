// The codec: what goes in comes back equal, what would not is refused with its path.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { decode, encode, encodeWithCopy, roundTrip } from "./codec.ts";
import { HoldfastError } from "./error.ts";
import { parseWith } from "./schema.ts";

const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }),
);
const key = fc
  .oneof(fc.string(), fc.constantFrom("$hf", "v", "toString"))
  .filter((name) => name !== "__proto__");
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(key, tie("any"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;

test("decode() gives what encode() took, for every value that may cross", () => {
  fc.assert(
    fc.property(value, (given) => {
      const text = encode(given);
      assert.deepEqual(decode(text), given);
      assert.equal(encode(decode(text)), text, "encoding again gives the same text");
      assert.ok(!text.includes("\n"));
    }),
    { numRuns: 500 },
  );
});

test("encodeWithCopy() gives the text of encode(), and a copy that is what decode() gives, or none", () => {
  const record = fc.dictionary(key, leaf, { maxKeys: 4, noNullPrototype: true });
  let copies = 0;
  fc.assert(
    fc.property(fc.oneof(record, value), (given) => {
      const { text, copy } = encodeWithCopy(given);
      assert.equal(text, encode(given));
      if (copy === undefined) return;
      copies += 1;
      assert.notEqual(copy, given);
      assert.deepEqual(copy, decode(text));
    }),
    { numRuns: 500 },
  );
  assert.ok(copies > 0);
});

test("encodeWithCopy() asks a getter once, so that text and copy say the same", () => {
  let asked = 0;
  const { text, copy } = encodeWithCopy({
    get asked() {
      asked += 1;
      return asked;
    },
  });
  assert.deepEqual(copy, { asked: 1 });
  assert.deepEqual(decode(text), copy);
});

test("encodeWithCopy() refuses what encode() refuses", () => {
  const inherited = Object.defineProperty({}, Symbol("hidden"), { value: 1 });
  class Money {
    readonly amount = 1;
  }
  const named = JSON.parse('{"__proto__":1}') as unknown;
  for (const given of [{ n: Number.NaN }, { n: -0 }, inherited, new Money(), named, () => 1]) {
    assert.throws(() => encodeWithCopy(given), { code: "HF-CODEC-UNSUPPORTED" });
  }
});

test("a parsed value stays equal through the codec and through parsing its form again", () => {
  const schema = z.object({ at: z.date(), amount: z.bigint(), note: z.string().default("none") });
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true }),
      fc.bigInt(),
      fc.option(fc.string(), { nil: undefined }),
      (at, amount, note) => {
        const parsed = parseWith(schema, { at, amount, note }, "a value");
        assert.deepEqual(parseWith(schema, roundTrip(parsed), "a value"), parsed);
      },
    ),
  );
});

const deep = (levels: number): unknown => (levels === 0 ? 1 : { in: deep(levels - 1) });
const hole: unknown[] = [1, 2, 3];
Reflect.deleteProperty(hole, "1");

const refused: readonly (readonly [string, unknown, string])[] = [
  ["NaN", { price: Number.NaN }, "price"],
  ["Infinity", [1, Number.POSITIVE_INFINITY], "1"],
  ["-0", { a: { b: -0 } }, "a.b"],
  ["a function", { run: () => 1 }, "run"],
  ["a symbol", Symbol("x"), "value"],
  ["an instance of Map", { map: new Map() }, "map"],
  ["an instance of Set", new Set(), "value"],
  ["an invalid Date", [new Date(Number.NaN)], "0"],
  ["a typed array other than Uint8Array", new Float64Array(1), "value"],
  ["a key named __proto__", JSON.parse('{"__proto__":1}') as unknown, "value"],
  ["nesting deeper than 64", deep(70), ""],
  ["a hole in an array", hole, "1"],
  ["a symbol key", { [Symbol("x")]: 1 }, "value"],
];

for (const [what, given, path] of refused) {
  test(`encode() refuses ${what} and names its path`, () => {
    assert.throws(
      () => encode(given),
      (error) => {
        assert.ok(error instanceof HoldfastError && error.code === "HF-CODEC-UNSUPPORTED");
        assert.ok(error.message.startsWith(`Cannot encode ${what} at ${path}`), error.message);
        return true;
      },
    );
  });
}

test("encode() keeps objects that look like its own tags", () => {
  for (const given of [
    { $hf: "date", v: 5 },
    { $hf: "plain", v: { $hf: 1 } },
    { $hf: undefined },
  ]) {
    assert.deepEqual(roundTrip(given), given);
  }
});

test("decode() refuses a tag that this version does not know", () => {
  assert.throws(() => decode('{"$hf":"decimal","v":"1"}'), /does not know it/u);
});
