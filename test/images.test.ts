// Crash images: whatever a power cut leaves of the journal, and of the paper venue's file, what was acknowledged is
// there, nothing is half, and the runs go on to the same end, at a venue that is ahead of them.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { usdc } from "@holdfast/core";
import type { EmbeddedEngine } from "@holdfast/engine";
import type { PurpleFlea } from "@holdfast/purpleflea";
import { z } from "zod";
import {
  Outside,
  assertEffects,
  imageRuns,
  outcomeOfImage,
  playImage,
} from "./harness/image-play.ts";
import { type Boundary, type Image, boundaryOf, imagesOf, putImage } from "./harness/images.ts";
import { backUp, writeBack } from "./harness/restore.ts";
import { Scene, type SceneOptions } from "./harness/scene.ts";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const IMAGES = everything ? 200 : 40;
const SEED = "images";

interface Acknowledged {
  readonly what: string;
  /** Commits that there were by then. */
  readonly commits: number;
  readonly isThere: (engine: EmbeddedEngine) => Promise<boolean>;
}

interface Played {
  readonly boundaries: readonly Boundary[];
  readonly acknowledged: readonly Acknowledged[];
  readonly outcome: unknown;
  readonly now: number;
  readonly apiKey: string;
  readonly venue: Buffer;
}

function optionsOf(outside: Outside, more: SceneOptions["engine"] = {}): SceneOptions {
  const engine = { historySuggest: 16, ...more };
  return { definitions: Object.values(imageRuns(outside)), engine };
}

/** Plays once as it should be, and keeps what each commit left. */
async function playWhole(): Promise<Played> {
  const outside = new Outside();
  const boundaries: Boundary[] = [];
  const acknowledged: Acknowledged[] = [];
  let path = "";
  await using scene = await Scene.open(
    optionsOf(outside, {
      point: (point) => {
        if (point === "commit.after" && path !== "") boundaries.push(boundaryOf(path));
      },
    }),
  );
  path = join(scene.folder, "journal.sqlite");
  await playImage(scene, imageRuns(outside), outside, (what, isThere) => {
    acknowledged.push({ what, commits: boundaries.length, isThere });
  });
  assertEffects(scene);
  const outcome = await outcomeOfImage(scene);
  const venue = readFileSync(backUp(scene, "venue.sqlite"));
  const { apiKey } = scene;
  return { boundaries, acknowledged, outcome, now: scene.clock.now(), apiKey, venue };
}

/** Opens an image beside the venue as it is now, looks what is there, and plays to the end. */
async function goOn(image: Image, played: Played): Promise<{ readonly restored: boolean }> {
  const outside = new Outside();
  outside.mended = true;
  const { now, apiKey, venue } = played;
  await using scene = await Scene.resume(optionsOf(outside), {
    now,
    apiKey,
    put(folder) {
      putImage(image, folder, "journal.sqlite");
      writeFileSync(join(folder, "venue.sqlite"), venue);
    },
  });
  const { engine } = scene;
  assert.deepEqual(await engine.verify(), []);
  for (const { what, commits, isThere } of played.acknowledged)
    if (commits <= image.commits) assert.ok(await isThere(engine), `${what} was acknowledged`);
  const restored = await engine.inspect((store) => store.meta("restored") !== undefined);
  await playImage(scene, imageRuns(outside), outside, () => undefined);
  assert.deepEqual(await outcomeOfImage(scene), played.outcome);
  assertEffects(scene);
  return { restored };
}

const whole = await playWhole();

test("the play commits often enough, and its log is begun again on the way", () => {
  const { boundaries, acknowledged } = whole;
  assert.ok(boundaries.length > 100, `only ${boundaries.length} commits`);
  assert.ok(new Set(boundaries.map(({ salt }) => salt)).size > 1, "no checkpoint");
  assert.ok(acknowledged.length > 15);
});

test(`${IMAGES} images of the journal open whole, and go on to the same end`, async (t) => {
  const noticed = { synced: 0, tail: 0, checkpoint: 0, cut: 0, torn: 0 };
  const images = imagesOf(whole.boundaries, IMAGES, SEED);
  for (const [index, image] of images.entries()) {
    await t.test(`${image.kind}: ${image.name} (seed ${SEED}, image ${index})`, async () => {
      const { restored } = await goOn(image, whole);
      if (restored) noticed[image.kind] += 1;
    });
  }
  // What was synchronised is there, so that nobody takes it for older than it was; a shorter log is.
  assert.deepEqual([noticed.synced, noticed.tail, noticed.checkpoint], [0, 0, 0]);
  assert.ok(noticed.cut > 0);
});

test("the proof can see: a log that ends too early lacks what was acknowledged", async () => {
  const last = whole.boundaries.length;
  const image = imagesOf(whole.boundaries, IMAGES, SEED).find(
    ({ kind, commits }) => kind === "cut" && commits < last / 2,
  );
  assert.ok(image !== undefined);
  await assert.rejects(goOn({ ...image, commits: last }, whole), /was acknowledged/u);
});

const WRITES = 24;
const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("10.00") } as const;
const none = { definitions: [] };

/** The n-th write, under its own key; some act on what one before has made. */
async function write(venue: PurpleFlea, n: number, before: readonly unknown[]): Promise<unknown> {
  const mark = { key: `write-${n}`, ref: `write/${n}` };
  const made = z
    .object({ position_id: z.string().nullish(), order_id: z.string().nullish() })
    .parse(before[n - 2] ?? {});
  switch (n % 4) {
    case 0:
      return venue.trade.open(order, mark);
    case 1:
      return venue.orders.place({ ...order, type: "limit", limitPrice: usdc("1.00") }, mark);
    case 2:
      return venue.trade.close(made.position_id ?? "", mark);
    default:
      return venue.orders.cancel(made.order_id ?? "", mark);
  }
}

interface Written {
  readonly boundaries: readonly Boundary[];
  /** Commits that there were when each write was answered. */
  readonly commits: readonly number[];
  readonly answers: readonly unknown[];
  readonly effects: number;
  readonly now: number;
  readonly apiKey: string;
}

/** Writes, keeps what each answer left, and has the log written back now and then. */
async function writeWhole(): Promise<Written> {
  await using scene = await Scene.open(none);
  const path = join(scene.folder, "venue.sqlite");
  const venue = scene.raw(scene.apiKey);
  const boundaries = [boundaryOf(path)];
  const answers: unknown[] = [];
  const commits: number[] = [];
  for (let n = 0; n < WRITES; n += 1) {
    answers.push(await write(venue, n, answers));
    boundaries.push(boundaryOf(path));
    commits.push(boundaries.length);
    if (n % 7 !== 6) continue;
    writeBack(path);
    boundaries.push(boundaryOf(path));
  }
  const { effects } = scene.audit();
  const { apiKey } = scene;
  return { boundaries, commits, answers, effects, now: scene.clock.now(), apiKey };
}

/** Opens an image of the venue's file, looks for what was answered, and repeats everything. */
async function writeOn(image: Image, written: Written): Promise<void> {
  const { now, apiKey, answers, commits, effects } = written;
  await using scene = await Scene.resume(none, {
    now,
    apiKey,
    put: (folder) => {
      putImage(image, folder, "venue.sqlite");
    },
  });
  scene.sandbox.venue.assertInvariants();
  const venue = scene.raw(apiKey);
  const again: unknown[] = [];
  for (let n = 0; n < WRITES; n += 1) {
    const isThere = (commits[n] ?? 0) <= image.commits;
    if (isThere) {
      const { state } = await venue.idempotency.get(`write-${n}`);
      assert.equal(state, "done", `write ${n} was answered`);
    }
    again.push(await write(venue, n, again));
    if (isThere) assert.deepEqual(again[n], answers[n]);
  }
  const found = scene.audit();
  assert.deepEqual([found.effects, found.duplicateEffects], [effects, 0]);
}

test(`${IMAGES / 2} images of the venue's file hold what was answered, and nothing twice`, async (t) => {
  const written = await writeWhole();
  assert.equal(written.effects, WRITES + 1);
  assert.ok(new Set(written.boundaries.map(({ salt }) => salt)).size > 2);
  const images = imagesOf(written.boundaries, IMAGES / 2, SEED);
  for (const [index, image] of images.entries()) {
    await t.test(`${image.kind}: ${image.name} (seed ${SEED}, image ${index})`, () =>
      writeOn(image, written),
    );
  }
  const short = images.find(({ kind, commits }) => kind === "cut" && commits < WRITES / 2);
  assert.ok(short !== undefined);
  await assert.rejects(writeOn({ ...short, commits: WRITES }, written), /was answered/u);
});
