// The executable specification of the BreakerStore port: breakers that several processes share.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  BREAKER,
  type BreakerState,
  type BreakerStore,
  HoldfastError,
  askBreaker,
  forceBreaker,
  meaningOf,
  newBreaker,
  tellBreaker,
  toFailure,
} from "@holdfast/core";

export interface BreakerStoreContractOptions {
  /** Name of the store, for the report. */
  readonly name: string;
  /** A place of its own for each test: `open` may be called several times, also while others are open. */
  readonly place: () => Promise<BreakerPlace>;
}

export interface BreakerPlace {
  open(): Promise<AsyncDisposable & { readonly breakers: BreakerStore }>;
  remove(): Promise<void>;
}

const NAME = "venue/write";
const CALLERS = 64;
const ill = toFailure(new HoldfastError("CONTRACT-DOWN", "Down.", meaningOf("http", 503)));

function fail(store: BreakerStore, now: number): Promise<BreakerState> {
  return store.change(NAME, (before = newBreaker(NAME, now)) => {
    const state = tellBreaker(before, BREAKER, { holder: "a", now, failure: ill });
    return { state, value: state };
  });
}

/** True for whoever is the probe. */
function ask(store: BreakerStore, holder: string, now: number): Promise<boolean> {
  return store.change(NAME, (before = newBreaker(NAME, now)) => {
    const answer = askBreaker(before, { holder, now });
    const isProbe = answer.kind === "probe";
    return { state: isProbe ? answer.state : before, value: isProbe };
  });
}

export function breakerStoreContract({ name, place }: BreakerStoreContractOptions): void {
  void describe(`breakers in ${name}`, () => {
    void test("what a person says is kept with who said it and why, or not at all", () =>
      said(place));
    void test("what one has changed the other finds, and so does whoever opens it later", async () => {
      const at = await place();
      {
        await using one = await at.open();
        await using two = await at.open();
        assert.equal(await two.breakers.find(NAME), undefined);
        const counts = await Promise.all(
          Array.from({ length: BREAKER.failures }, (_, n) =>
            fail((n % 2 === 0 ? one : two).breakers, 1_000),
          ),
        );
        assert.equal(counts.filter(({ mode }) => mode === "open").length, 1, "opened once");
        assert.equal((await two.breakers.find(NAME))?.openUntil, 61_000);
      }
      await using later = await at.open();
      const [kept] = await later.breakers.list();
      assert.deepEqual([kept?.name, kept?.mode, kept?.openUntil], [NAME, "open", 61_000]);
      assert.equal(kept?.lastFailure?.code, "CONTRACT-DOWN");
      await at.remove();
    });

    void test("of 64 that ask at once one is the probe; its place is free again after its time", async () => {
      const at = await place();
      {
        await using one = await at.open();
        await using two = await at.open();
        for (let n = 0; n < BREAKER.failures; n += 1) await fail(one.breakers, 0);
        const answers = await Promise.all(
          Array.from({ length: CALLERS }, (_, n) =>
            ask((n % 2 === 0 ? one : two).breakers, `holder-${n}`, 60_000),
          ),
        );
        assert.equal(answers.filter(Boolean).length, 1);
        assert.equal(await ask(two.breakers, "late", 119_999), false);
        assert.equal(await ask(two.breakers, "late", 120_000), true);
      }
      await at.remove();
    });
  });
}

async function said(place: BreakerStoreContractOptions["place"]): Promise<void> {
  const at = await place();
  {
    await using one = await at.open();
    const wish = { name: NAME, wish: "open", actor: "ann", reason: "maintenance" } as const;
    const force = (before = newBreaker(NAME, 1)): { state: BreakerState; value: undefined } => ({
      state: forceBreaker(before, "open", { ...wish, now: 5 }),
      value: undefined,
    });
    await one.breakers.change(NAME, force, { ...wish, at: 5 });
    await assert.rejects(
      one.breakers.change(
        NAME,
        () => {
          throw new Error("not this one");
        },
        { ...wish, at: 6 },
      ),
    );
    assert.deepEqual(await one.breakers.audit(), [{ ...wish, at: 5 }]);
    const state = await one.breakers.find(NAME);
    assert.deepEqual(
      [state?.mode, state?.forced],
      ["open", { actor: "ann", reason: "maintenance" }],
    );
  }
  await at.remove();
}
