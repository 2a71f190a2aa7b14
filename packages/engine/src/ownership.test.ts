// What the next owner of a journal learns of the one before.

import assert from "node:assert/strict";
import { test } from "node:test";
import { disown, own } from "./ownership.ts";
import { openStore } from "./store/store.ts";

const row = {
  attempt: 1,
  nextAt: undefined,
  lastFailure: undefined,
  heartbeat: undefined,
  elsewhere: false,
  crashes: 2,
  crashesAlone: 0,
};

test("own() tells a crash from a clean stop, and from an owner that opens its file again", () => {
  using store = openStore(":memory:", {});
  const first = own(store, false);
  assert.equal(first.crashed, false);
  assert.equal(own(store, true).crashed, false);
  assert.equal(own(store, false).crashed, true);
  disown(store);
  const last = own(store, false);
  assert.equal(last.crashed, false);
  assert.equal(last.secret, first.secret, "tokens stay good");
  assert.ok(first.secret.length >= 43);
});

test("own() counts a crash for the call that was alone, once, and only a crash", () => {
  using store = openStore(":memory:", {});
  const place = { run: 7, call: 3 };
  const crashesAlone = (): number | undefined => store.calls.get(place)?.crashesAlone;
  store.transaction(() => {
    store.calls.put({ run: 7, call: 2 }, { ...row, alone: false });
    store.calls.put(place, { ...row, alone: true });
  });
  assert.deepEqual([own(store, false).alone, crashesAlone()], [place, 0]);
  store.transaction(() => {
    store.calls.put(place, { ...row, alone: true });
  });
  assert.deepEqual([own(store, false).alone, crashesAlone()], [place, 1]);
  assert.deepEqual([own(store, false).alone, crashesAlone()], [undefined, 1]);
});
