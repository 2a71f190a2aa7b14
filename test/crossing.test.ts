// Runs that do everything runs do to each other, killed at each moment that the engine names, and at pairs of
// them: whatever happens, they end as if nothing had happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@holdfast/core";
import { type CrashPoint, testProject } from "holdfast/testing";
import { type Crossing, type Shop, crossing } from "./harness/crossing.ts";
import { assertAsWritten, outcomeOf, playNew, playOld } from "./harness/crossing-play.ts";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const HOUR_MS = 3_600_000;
/** `npm test` takes every so manieth of the moments. */
const EVERY = everything ? 1 : 5;
const PAIRS = everything ? 100 : 20;

interface Moment {
  readonly point: CrashPoint;
  /** The n-th of its kind. */
  readonly nth: number;
}

/** A shop that lives on while engines crash. */
class Books implements Shop {
  readonly refs = new Map<string, string>();
  isOpen = false;

  apply({ key, ref }: { readonly key: string; readonly ref: string }): void {
    this.refs.set(key, ref);
  }

  open(): void {
    this.isOpen = true;
  }
}

/** Plays once, with a crash at each of the moments; each of them must be met, and all journals replay. */
async function playOnce(crashes: readonly Moment[]): Promise<{
  readonly outcome: Awaited<ReturnType<typeof outcomeOf>>;
  /** The business name of each effect. */
  readonly effects: readonly string[];
  readonly moments: readonly Moment[];
}> {
  const shop = new Books();
  const codeOf = (isNew: boolean): Crossing => crossing({ shop, hour: HOUR_MS, isNew });
  const moments: Moment[] = [];
  const seen = new Map<CrashPoint, number>();
  await using t = await testProject({
    definitions: Object.values(codeOf(false)),
    historySuggest: 12,
    onPoint(point) {
      const nth = (seen.get(point) ?? 0) + 1;
      seen.set(point, nth);
      moments.push({ point, nth });
    },
  });
  for (const { point, nth } of crashes) t.crashAt(point, { nth });
  const until = (condition: () => Promise<boolean>): Promise<void> =>
    t.runUntil(condition, { within: "1w" });
  const stage = {
    engine: t.engine,
    client: t.client,
    shop,
    until,
    async drive<Value>(promise: Promise<Value>) {
      let settled = false;
      const settle = (): void => {
        settled = true;
      };
      promise.then(settle, settle);
      await until(async () => settled);
      return promise;
    },
  };
  await playOld(stage, codeOf(false));
  await t.restart({ definitions: Object.values(codeOf(true)) });
  await playNew(stage, codeOf(true));
  const outcome = await outcomeOf(t.engine);
  return { outcome, effects: [...shop.refs.values()].toSorted(), moments };
}

const clean = await playOnce([]);

async function assertSame(crashes: readonly Moment[]): Promise<void> {
  const { outcome, effects } = await playOnce(crashes);
  assert.deepEqual(outcome, clean.outcome);
  assert.deepEqual(effects, clean.effects);
}

test("the play itself: what the runs give, how they end, one effect for each ref", () => {
  assertAsWritten(clean.outcome, clean.effects);
  assert.ok(clean.moments.length > 150, `only ${clean.moments.length} moments`);
});

test(`a crash at each of ${clean.moments.length} moments changes nothing`, async (t) => {
  for (const [index, moment] of clean.moments.entries()) {
    if (index % EVERY === 0)
      await t.test(`${moment.point} ${moment.nth}`, () => assertSame([moment]));
  }
});

test(`two crashes at ${PAIRS} pairs of moments change nothing`, async (t) => {
  const random = seededRandom("pairs");
  const pick = (): number => Math.floor(random.next() * clean.moments.length);
  for (let n = 0; n < PAIRS; n += 1) {
    const pair = [pick(), pick()]
      .toSorted((a, b) => a - b)
      .flatMap((index) => clean.moments.slice(index, index + 1));
    const name = pair.map(({ point, nth }) => `${point} ${nth}`).join(", ");
    await t.test(name, () => assertSame(pair));
  }
});
