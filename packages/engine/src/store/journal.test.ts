// Rows of the journal are written many at a time; whoever reads sees all of them, and a transaction that fails
// leaves none.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryEntry } from "@holdfast/core";
import { openStore } from "./store.ts";

const entry = (timer: number): HistoryEntry => ({ kind: "timer", timer, at: 1 });

/** More than one statement's rows, and some left over. */
const COUNT = 37;

test("read(), last(), length() and end() see rows that were appended before, in their order", () => {
  using store = openStore(":memory:", {});
  store.transaction(() => {
    for (let n = 0; n < COUNT; n += 1) {
      store.journal.append(1, n, 5, [entry(n)]);
      if (n % 3 !== 0) continue;
      assert.equal(store.journal.read(1).length, n + 1);
      assert.deepEqual(store.journal.last(1)?.entries, [entry(n)]);
      assert.equal(store.journal.length(1), n + 1);
      assert.equal(store.journal.end().position, n + 1);
    }
  });
  assert.deepEqual(
    store.journal.read(1).map(({ sequence }) => sequence),
    Array.from({ length: COUNT }, (_, n) => n),
  );
});

test("nothing of a transaction that fails is written by the next one", () => {
  using store = openStore(":memory:", {});
  assert.throws(() => {
    store.transaction(() => {
      for (let n = 0; n < COUNT; n += 1) store.journal.append(1, n, 5, [entry(n)]);
      throw new Error("no");
    });
  });
  store.transaction(() => {
    store.journal.append(2, 0, 5, [entry(0)]);
  });
  assert.equal(store.journal.read(1).length, 0);
  assert.equal(store.journal.read(2).length, 1);
});
