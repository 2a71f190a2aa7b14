// The executable specification of the IntentStore port: what a worker may rely on that dies at any line, and of
// which two may run one call.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Failure,
  HoldfastError,
  type IntentStore,
  type NewIntent,
  type StoredIntent,
  encode,
  toFailure,
} from "@holdfast/core";
import { bookCases } from "./intent-book-cases.ts";
import { type StoreCase, guardCases } from "./intent-guard-cases.ts";

export interface IntentStoreContractOptions {
  /** Name of the store, for the report. */
  readonly name: string;
  /** A place of its own for each test: `open` may be called several times, also while others are open. */
  readonly place: () => Promise<IntentPlace>;
}

export interface IntentPlace {
  open(): Promise<IntentStore>;
  remove(): Promise<void>;
}

const down: Failure = toFailure(
  new HoldfastError("CONTRACT-DOWN", "The venue is down.", { outcome: "unknown" }),
);

function intent(over: Partial<NewIntent> = {}): NewIntent {
  return {
    key: "key-1",
    ref: "dca/1",
    account: "default",
    activity: "contract.pay",
    venue: "venue",
    fingerprint: "f1",
    run: "dca",
    owner: "dca/run-1/1",
    lane: undefined,
    recordedAt: 1_000,
    ...over,
  };
}

/** What another store knows of the same decision. */
const stored: StoredIntent = {
  ...intent(),
  state: "open",
  settledAt: undefined,
  sentAt: undefined,
  lastSendAt: undefined,
  sends: 0,
  asks: false,
  reconcileTries: 0,
  lastFailure: undefined,
  details: undefined,
  output: undefined,
};

const lane = { lane: "default", now: 1_000, until: 2_000 } as const;

const recording: readonly StoreCase[] = [
  {
    name: "record() keeps a decision for every other opener, and nothing was sent",
    async run(store, again) {
      const { intent: first } = await store.record(intent());
      assert.equal(first.state, "open");
      assert.deepEqual([first.sentAt, first.lastSendAt, first.sends], [undefined, undefined, 0]);
      await using other = await again();
      assert.deepEqual(await other.find("key-1"), first);
      assert.equal(await other.find("key-2"), undefined);
    },
  },
  {
    name: "record() under a known key gives what was recorded first, with the run and owner that ask now",
    async run(store) {
      await store.record(intent());
      const { intent: found } = await store.record(
        intent({ fingerprint: "f2", recordedAt: 9, run: "dca-2", owner: "dca/run-2/1" }),
      );
      assert.deepEqual([found.fingerprint, found.recordedAt], ["f1", 1_000]);
      assert.deepEqual([found.run, found.owner], ["dca-2", "dca/run-2/1"]);
    },
  },
  {
    name: "record() counts the attempts of another owner from none, and keeps when it was sent first",
    async run(store) {
      await store.record(intent());
      await store.sending("key-1", "dca/run-1/1", 5);
      assert.equal((await store.record(intent())).intent.sends, 1);
      const { intent: found } = await store.record(intent({ owner: "dca/run-2/1" }));
      assert.deepEqual([found.sends, found.sentAt, found.lastSendAt], [0, 5, 5]);
    },
  },
  {
    name: "record() at once by many is one intent",
    async run(store, again) {
      await using other = await again();
      const found = await Promise.all(
        [store, other, store, other].map((one, n) => one.record(intent({ recordedAt: n }))),
      );
      assert.equal(new Set(found.map(({ intent: { recordedAt } }) => recordedAt)).size, 1);
      assert.equal((await store.list()).length, 1);
    },
  },
  {
    name: "record() tells a refused effect to its own call again, and opens it anew for a later one",
    async run(store) {
      await store.record(intent());
      await store.sending("key-1", "dca/run-1/1", 4);
      await store.settle("key-1", { state: "refused", failure: down }, 5);
      const { intent: own } = await store.record(intent());
      assert.deepEqual([own.state, own.settledAt, own.lastFailure], ["refused", 5, down]);
      const { intent: later } = await store.record(intent({ owner: "dca/run-2/1" }));
      assert.deepEqual(
        [later.state, later.settledAt, later.sentAt],
        ["open", undefined, undefined],
      );
    },
  },
];

const adopting: readonly StoreCase[] = [
  {
    name: "adopt() takes over what another store knows, whole",
    async run(store, again) {
      const done = { ...stored, key: "key-1", state: "done", settledAt: 9, output: "[1]" } as const;
      const open = { ...stored, key: "key-2", sentAt: 5, lastSendAt: 6, sends: 2, asks: true };
      assert.equal(await store.adopt([done, { ...open, lastFailure: down, details: "{}" }]), 2);
      await using other = await again();
      assert.deepEqual(await other.find("key-1"), done);
      assert.deepEqual(await other.find("key-2"), { ...open, lastFailure: down, details: "{}" });
      assert.equal((await store.sending("key-1", done.owner, 20)).kind, "gone");
    },
  },
  {
    name: "adopt() changes nothing of a key that is known, however often it is asked",
    async run(store) {
      const { intent: known } = await store.record(intent());
      const other = { ...stored, state: "done", settledAt: 9, output: "[1]", owner: "other" };
      assert.equal(await store.adopt([other as StoredIntent, { ...stored, key: "key-2" }]), 1);
      assert.equal(await store.adopt([other as StoredIntent, { ...stored, key: "key-2" }]), 0);
      assert.deepEqual(await store.find("key-1"), known);
    },
  },
];

const sending: readonly StoreCase[] = [
  {
    name: "sending() notes the first and the last send before they leave",
    async run(store, again) {
      await store.record(intent());
      assert.equal((await store.sending("key-1", "dca/run-1/1", 5)).kind, "sent");
      assert.equal((await store.sending("key-1", "dca/run-1/1", 7)).kind, "sent");
      await using other = await again();
      const found = await other.find("key-1");
      assert.deepEqual([found?.sentAt, found?.lastSendAt, found?.sends], [5, 7, 2]);
    },
  },
  {
    name: "sending() is refused once another owner asks, and once it is settled",
    async run(store) {
      await store.record(intent());
      await store.record(intent({ owner: "dca/run-2/1" }));
      assert.equal((await store.sending("key-1", "dca/run-1/1", 5)).kind, "gone");
      assert.equal((await store.find("key-1"))?.sentAt, undefined);
      for (const state of ["refused", "done"] as const) {
        const settlement =
          state === "done" ? { state, output: encode(1) } : { state, failure: down };
        await store.settle("key-1", settlement, 6);
        assert.equal((await store.sending("key-1", "dca/run-2/1", 7)).kind, "gone", state);
      }
    },
  },
  {
    name: "sending() of an effect in doubt opens it again",
    async run(store) {
      await store.record(intent());
      await store.sending("key-1", "dca/run-1/1", 5);
      await store.settle("key-1", { state: "in-doubt", failure: down }, 6);
      assert.equal((await store.sending("key-1", "dca/run-1/1", 7)).kind, "sent");
      const found = await store.find("key-1");
      assert.deepEqual([found?.state, found?.sentAt, found?.lastSendAt], ["open", 5, 7]);
    },
  },
  {
    name: "note() keeps the last failure and the tries; what is proven unsent has no first send any more",
    async run(store) {
      await store.record(intent());
      await store.sending("key-1", "dca/run-1/1", 5);
      await store.note("key-1", {
        lastFailure: down,
        unsent: false,
        asks: true,
        reconcileTries: 2,
      });
      const unclear = await store.find("key-1");
      assert.deepEqual([unclear?.sentAt, unclear?.asks, unclear?.reconcileTries], [5, true, 2]);
      assert.deepEqual(unclear?.lastFailure, down);
      await store.note("key-1", {
        lastFailure: down,
        unsent: true,
        asks: false,
        reconcileTries: 0,
      });
      assert.equal((await store.find("key-1"))?.sentAt, undefined);
      await store.sending("key-1", "dca/run-1/1", 9);
      const again = await store.find("key-1");
      assert.deepEqual([again?.sentAt, again?.asks, again?.reconcileTries], [9, false, 0]);
    },
  },
  {
    name: "keep() keeps details until others are kept, through everything else",
    async run(store, again) {
      await store.record(intent());
      await store.keep("key-1", encode({ before: 1 }));
      await store.sending("key-1", "dca/run-1/1", 5);
      await store.note("key-1", {
        lastFailure: down,
        unsent: false,
        asks: false,
        reconcileTries: 0,
      });
      await using other = await again();
      assert.equal((await other.find("key-1"))?.details, encode({ before: 1 }));
    },
  },
];

const settling: readonly StoreCase[] = [
  {
    name: "settle() keeps the receipt for ever: what is done stays done",
    async run(store) {
      await store.record(intent());
      assert.equal(await store.settle("key-1", { state: "done", output: encode(7) }, 8), true);
      assert.equal(await store.settle("key-1", { state: "refused", failure: down }, 9), false);
      assert.equal(await store.settle("key-1", { state: "in-doubt", failure: down }, 9), false);
      await store.note("key-1", { lastFailure: down, unsent: true, asks: true, reconcileTries: 1 });
      const { intent: found } = await store.record(intent({ owner: "dca/run-2/1" }));
      assert.deepEqual([found.state, found.output, found.settledAt], ["done", encode(7), 8]);
      assert.equal(found.lastFailure, undefined);
    },
  },
  {
    name: "doubt() touches only the open effects of the run that may have been sent",
    async run(store) {
      const keys = ["sent", "unsent", "settled", "foreign"] as const;
      for (const key of keys)
        await store.record(intent({ key, run: key === "foreign" ? "other" : "dca" }));
      for (const key of ["sent", "settled", "foreign"]) await store.sending(key, "dca/run-1/1", 5);
      await store.settle("settled", { state: "done", output: encode(1) }, 6);
      assert.equal(await store.doubt("dca", down, 7), 1);
      const states = await Promise.all(keys.map(async (key) => (await store.find(key))?.state));
      assert.deepEqual(states, ["in-doubt", "open", "done", "open"]);
    },
  },
  {
    name: "list() gives intents by key, filtered, in pages",
    async run(store) {
      for (const key of ["c", "a", "b"])
        await store.record(
          intent({ key, account: key === "c" ? "other" : "default", run: `run-${key}` }),
        );
      await store.settle("b", { state: "in-doubt", failure: down }, 5);
      const keys = async (filter: Parameters<IntentStore["list"]>[0]): Promise<string> =>
        (await store.list(filter)).map(({ key }) => key).join();
      assert.equal(await keys({}), "a,b,c");
      assert.equal(await keys({ state: "open" }), "a,c");
      assert.equal(await keys({ state: "in-doubt" }), "b");
      assert.equal(await keys({ account: "other" }), "c");
      assert.equal(await keys({ run: "run-a" }), "a");
      assert.equal(await keys({ limit: 2 }), "a,b");
      assert.equal(await keys({ limit: 2, after: "b" }), "c");
    },
  },
];

const lanes: readonly StoreCase[] = [
  {
    name: "enterLane() lets one holder in until its time is over or it leaves",
    async run(store, again) {
      await using other = await again();
      assert.equal(await store.enterLane({ ...lane, key: "a", holder: "a/1" }), true);
      assert.equal(await other.enterLane({ ...lane, key: "b", holder: "b/1" }), false);
      assert.equal(await other.enterLane({ ...lane, lane: "x", key: "b", holder: "b/1" }), true);
      assert.equal(await store.enterLane({ ...lane, until: 3_000, key: "a", holder: "a/1" }), true);
      assert.equal(await other.enterLane({ ...lane, now: 2_500, key: "b", holder: "b/1" }), false);
      await other.leaveLane("default", "b/1");
      assert.equal(await other.enterLane({ ...lane, now: 2_500, key: "b", holder: "b/1" }), false);
      await store.leaveLane("default", "a/1");
      assert.equal(await other.enterLane({ ...lane, key: "b", holder: "b/1" }), true);
      const late = { ...lane, now: 2_000, until: 9_000, key: "c", holder: "c/1" };
      assert.equal(await store.enterLane(late), true, "b's time is over");
    },
  },
  {
    name: "enterLane() waits for an effect that may have been sent, however long, and not for its own",
    async run(store) {
      const [a, b] = ["a", "b"].map((key) => intent({ key, lane: "default" }));
      assert.ok(a !== undefined && b !== undefined);
      await store.record(a);
      await store.record(b);
      await store.enterLane({ ...lane, key: "a", holder: "a/1" });
      await store.sending("a", a.owner, 1_500);
      const much = { ...lane, now: 99_000, until: 100_000 };
      assert.equal(await store.enterLane({ ...much, key: "b", holder: "b/1" }), false);
      assert.equal(await store.enterLane({ ...much, key: "a", holder: "a/2" }), true);
      await store.leaveLane("default", "a/2");
      assert.equal(await store.enterLane({ ...much, key: "b", holder: "b/1" }), false);
      await store.settle("a", { state: "in-doubt", failure: down }, 99_500);
      assert.equal(await store.enterLane({ ...much, key: "b", holder: "b/1" }), true);
    },
  },
  {
    name: "sending() is refused to an effect that does not hold its lane, or has lost it",
    async run(store, again) {
      await using other = await again();
      const [a, b] = [intent({ key: "a", lane: "default" }), intent({ key: "b", lane: "default" })];
      await store.record(a);
      await store.record(b);
      assert.equal((await store.sending("a", a.owner, 1_000)).kind, "gone");
      await store.enterLane({ ...lane, key: "a", holder: "a/1" });
      const late = { ...lane, now: 2_000, until: 3_000 };
      assert.equal(await other.enterLane({ ...late, key: "b", holder: "b/1" }), true);
      assert.equal((await store.sending("a", a.owner, 2_001)).kind, "gone", "b has taken its lane");
      assert.equal((await store.find("a"))?.sentAt, undefined);
      assert.equal((await other.sending("b", b.owner, 2_002)).kind, "sent");
    },
  },
  {
    name: "enterLane() lets those in first who were decided first, as long as they ask",
    async run(store, again) {
      await using other = await again();
      const ask = (from: IntentStore, key: string, since: number, now = 1_000): Promise<boolean> =>
        from.enterLane({
          lane: "default",
          key,
          holder: `${key}/1`,
          now,
          until: now + 1_000,
          place: { since, until: now + 500 },
        });
      assert.equal(await ask(store, "first", 1), true);
      assert.equal(await ask(store, "b", 2), false);
      assert.equal(await ask(other, "a", 2), false);
      await store.leaveLane("default", "first/1");
      assert.equal(await ask(other, "late", 3), false, "two stand before it");
      assert.equal(await ask(store, "b", 2), false, "of one instant the lesser key goes first");
      assert.equal(await ask(other, "a", 2), true);
      assert.equal(await ask(other, "first", 1), false, "whoever is in goes before all");
      await other.leaveLane("default", "a/1");
      assert.equal(await ask(other, "late", 3, 1_499), false);
      assert.equal(await ask(other, "late", 3, 1_500), true, "nobody has asked for long");
    },
  },
  {
    name: "many that want one lane at once: one is let in, and only it may send",
    async run(store, again) {
      await using other = await again();
      const keys = ["a", "b", "c", "d", "e", "f"] as const;
      for (const key of keys) await store.record(intent({ key, lane: "default" }));
      const sent = await Promise.all(
        keys.map(async (key, n) => {
          const one = n % 2 === 0 ? store : other;
          await one.enterLane({ ...lane, key, holder: `${key}/1` });
          return one.sending(key, "dca/run-1/1", 1_000);
        }),
      );
      assert.equal(sent.filter(({ kind }) => kind === "sent").length, 1);
    },
  },
  {
    name: "a second attempt of one call is another holder: the first one's time must be over",
    async run(store) {
      assert.equal(await store.enterLane({ ...lane, key: "a", holder: "a/1" }), true);
      assert.equal(await store.enterLane({ ...lane, key: "a", holder: "a/2" }), false);
      const late = { ...lane, now: 2_000, until: 3_000 };
      assert.equal(await store.enterLane({ ...late, key: "a", holder: "a/2" }), true);
      assert.equal(await store.enterLane({ ...late, key: "a", holder: "a/1" }), false);
    },
  },
];

/** Registers the contract's behaviours as tests. */
export function intentStoreContract({ name, place }: IntentStoreContractOptions): void {
  void describe(`intent store contract: ${name}`, () => {
    const all = [
      ...recording,
      ...adopting,
      ...sending,
      ...settling,
      ...lanes,
      ...guardCases,
      ...bookCases,
    ];
    for (const behaviour of all) {
      void test(behaviour.name, async () => {
        const opened = await place();
        try {
          await using store = await opened.open();
          await behaviour.run(store, () => opened.open());
        } finally {
          await opened.remove();
        }
      });
    }
  });
}
