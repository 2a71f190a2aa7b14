// The journal is the checkpoint: at every moment at which a process can die, what is left of what was acknowledged is
// counted, in the journal and in checkpoints as the guides write them, every 30 s.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { executeTrade } from "@holdfast/purpleflea";
import { z } from "zod";
import { type Boundary, boundaryOf, putImage } from "./harness/images.ts";
import { Scene } from "./harness/scene.ts";
import { CheckpointedAgent, INTERVAL_MS, loadCheckpoint } from "./harness/seed-checkpointer.ts";

const order = { symbol: "BTC-PERP", side: "long", sizeUsd: "10.00" } as const;

/** Keeps what it was told in variables: nothing but these is its state. */
const book = workflow({
  name: "checkpoint.book",
  input: z.undefined(),
  output: z.number(),
  signals: { note: z.string() },
  queries: { facts: z.array(z.string()) },
  updates: { buy: { input: z.string(), output: z.string() } },
  run: async (ctx) => {
    const facts: string[] = [];
    ctx.onSignal("note", (note) => void facts.push(note));
    ctx.onUpdate("buy", {
      apply: async (name) => {
        const { positionId } = await ctx.call(executeTrade, order, { ref: name });
        facts.push(`${name}: ${positionId}`);
        return positionId;
      },
    });
    ctx.onQuery("facts", () => facts);
    await ctx.until(() => facts.length > 10_000);
    return facts.length;
  },
});

const BOOKS = 3;
const FACTS = 45;
const PAUSE_MS = 4_000;
const CHECKPOINT = "checkpoint.json";
const ids = Array.from({ length: BOOKS }, (_, index) => `book-${index}`);

/** A moment at which a process may die: what lay on disk, and what somebody had been told by then. */
interface Moment {
  readonly journal: Boundary;
  readonly checkpoint: string | undefined;
  readonly acknowledged: number;
}

interface Played {
  readonly moments: readonly Moment[];
  /** In the order in which they were acknowledged. */
  readonly facts: readonly string[];
  readonly now: number;
}

/** Both agents learn of the same facts at the same instants. Every commit and every acknowledgement is a moment. */
async function play(): Promise<Played> {
  const moments: Moment[] = [];
  const facts: string[] = [];
  // Nothing is looked at before the first agent is there.
  let folder = "";
  const look = (): void => {
    if (folder === "") return;
    const saved = join(folder, CHECKPOINT);
    const checkpoint = existsSync(saved) ? readFileSync(saved, "utf8") : undefined;
    const journal = boundaryOf(join(folder, "journal.sqlite"));
    moments.push({ journal, checkpoint, acknowledged: facts.length });
  };
  await using scene = await Scene.open({
    definitions: [book],
    engine: { point: (point) => void (point === "commit.after" && look()) },
  });
  ({ folder } = scene);
  using seed = new CheckpointedAgent(join(folder, CHECKPOINT), scene.clock);
  const books = await Promise.all(ids.map((id) => scene.client.start(book, undefined, { id })));
  const told = (fact: string): void => {
    facts.push(fact);
    seed.learn(fact);
    look();
  };
  for (let n = 0; n < FACTS; n += 1) {
    const run = books[n % BOOKS];
    assert.ok(run !== undefined);
    const name = `${ids[n % BOOKS]}/${n}`;
    if (n % 2 === 0) {
      await run.signal("note", name);
      told(name);
    } else {
      const position = await scene.drive(run.update("buy", name));
      told(`${name}: ${position}`);
    }
    const at = scene.clock.now() + PAUSE_MS;
    await scene.drive(new Promise<void>((resolve) => void scene.clock.setTimer(at, resolve)));
  }
  return { moments, facts, now: scene.clock.now() };
}

function inFolder<Value>(body: (folder: string) => Value): Value {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-checkpoint-"));
  const clean = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const made = body(folder);
  if (made instanceof Promise) return made.finally(clean) as Value;
  clean();
  return made;
}

/** What an engine that is opened on what a moment left knows. */
async function inJournal({ journal }: Moment): Promise<ReadonlySet<string>> {
  return inFolder(async (folder) => {
    putImage({ ...journal, kind: "synced", name: "", commits: 0 }, folder, "journal.sqlite");
    await using engine = await openEngine({
      path: join(folder, "journal.sqlite"),
      definitions: [book],
    });
    assert.deepEqual(await engine.verify(), []);
    const known = new Set<string>();
    for (const { id } of (await engine.list()).runs)
      for (const fact of await engine.client.run(book, id).query("facts")) known.add(fact);
    return known;
  });
}

function inCheckpoint({ checkpoint }: Moment): ReadonlySet<string> {
  return inFolder((folder) => {
    const path = join(folder, CHECKPOINT);
    if (checkpoint !== undefined) writeFileSync(path, checkpoint);
    return new Set(loadCheckpoint(path));
  });
}

/** Of what had been acknowledged, how much is not there. */
function lostOf(
  { acknowledged }: Moment,
  facts: readonly string[],
  known: ReadonlySet<string>,
): number {
  return facts.slice(0, acknowledged).filter((fact) => !known.has(fact)).length;
}

const played = await play();

test("at every moment the journal holds all that was acknowledged; a checkpoint lacks up to an interval of it", async (t) => {
  const { moments, facts } = played;
  assert.equal(facts.length, FACTS);
  assert.ok(moments.length > 2 * FACTS, `only ${moments.length} moments`);
  const journal: number[] = [];
  const checkpoint: number[] = [];
  for (const moment of moments) {
    journal.push(lostOf(moment, facts, await inJournal(moment)));
    checkpoint.push(lostOf(moment, facts, inCheckpoint(moment)));
  }
  const most = Math.max(...checkpoint);
  const moreThanNone = checkpoint.filter((lost) => lost > 0).length;
  t.diagnostic(
    `${moments.length} moments, ${facts.length} facts: the journal lost ${Math.max(...journal)} at most, checkpoints ${most} at most, and some at ${moreThanNone} moments`,
  );
  assert.deepEqual(new Set(journal), new Set([0]));
  // As many as come in an interval, and never many more.
  const each = Math.floor(INTERVAL_MS / PAUSE_MS);
  assert.ok(most >= each && most <= each + 1, `${most} of ${each}`);
  assert.ok(moreThanNone > moments.length / 2, `only at ${moreThanNone}`);
});

test("the count can see: a journal of a moment before lacks what was acknowledged since", async () => {
  const { moments, facts } = played;
  const [early, late] = [moments[Math.floor(moments.length / 2)], moments.at(-1)];
  assert.ok(early !== undefined && late !== undefined);
  const stale = { ...late, journal: early.journal };
  const lost = lostOf(stale, facts, await inJournal(stale));
  // It may hold one that nobody had been told of yet.
  const since = late.acknowledged - early.acknowledged;
  assert.ok(since > 10 && (lost === since || lost === since - 1), `${lost} of ${since}`);
});

test("a flipped byte leaves nothing of a checkpoint, wherever it is", () => {
  const last = played.moments.at(-1);
  assert.ok(last?.checkpoint !== undefined);
  const whole = inCheckpoint(last);
  assert.ok(whole.size > FACTS / 2);
  inFolder((folder) => {
    const path = join(folder, CHECKPOINT);
    for (let at = 0; at < Buffer.byteLength(last.checkpoint ?? ""); at += 7) {
      const bytes = Buffer.from(last.checkpoint ?? "");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      assert.equal(loadCheckpoint(path), undefined, `byte ${at}`);
    }
  });
});

test("a flipped byte of the journal parks the run that it belongs to, and no other", async () => {
  const last = played.moments.at(-1);
  assert.ok(last !== undefined);
  for (const [index, id] of ids.entries()) {
    await inFolder(async (folder) => {
      const path = join(folder, "journal.sqlite");
      putImage({ ...last.journal, kind: "synced", name: "", commits: 0 }, folder, "journal.sqlite");
      // One without anything else going on: all of it lies in the one file then.
      await (await openEngine({ path, definitions: [book] })).close();
      const bytes = readFileSync(path);
      // Of the run's second note.
      const text = `${id}/${index + (index % 2 === 0 ? 6 : 3)}\\"`;
      let at = bytes.indexOf(text);
      assert.ok(at > 0, `${text} is not in the file`);
      // Pages that were split keep old copies, which nobody reads.
      for (; at > 0; at = bytes.indexOf(text, at + 1)) bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      await using engine = await openEngine({ path, definitions: [book] });
      await engine.idle();
      for (const [other, name] of ids.entries()) {
        const run = engine.client.run(book, name);
        if (other === index) {
          const { status, problem } = await run.describe();
          assert.deepEqual([status, problem?.code], ["stuck", "HF-JOURNAL-DAMAGED"]);
        } else {
          const facts = played.facts.filter((fact) => fact.startsWith(`${name}/`));
          assert.deepEqual(await run.query("facts"), facts);
        }
      }
    });
  }
});
