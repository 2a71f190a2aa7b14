// What is acknowledged is on disk. kill -9 cannot show that (the page cache outlives the process), so it is
// shown in two other ways: by the system calls that precede each acknowledgement, and by cutting the log.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { createPurpleFlea, paperProfile } from "@holdfast/purpleflea";
import { openSandbox } from "@holdfast/sandbox";
import { z } from "zod";
import { type Trace, missing, traced } from "./harness/syscalls.ts";

const WORKER = fileURLToPath(new URL("harness/ack-worker.ts", import.meta.url));
const VENUE = fileURLToPath(new URL("harness/ack-venue.ts", import.meta.url));
const UNSYNCED = fileURLToPath(new URL("harness/unsynced-log.ts", import.meta.url));
const COUNT = 20;
const JOURNAL = "journal.sqlite";
const STATE = "venue.sqlite";

/** Everything that is promised to anybody, and how often the worker is. */
const PROMISED: Readonly<Record<string, number>> = {
  start: COUNT,
  signal: COUNT,
  update: COUNT,
  cancel: COUNT / 2,
  terminate: COUNT / 2,
  result: COUNT,
  resume: COUNT,
  resolve: COUNT,
  keep: COUNT,
  request: COUNT,
};

async function inFolder<Value>(body: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-trace-"));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What left an engine that trades at a venue in this process. */
function traceEngine(durability: string): Promise<Trace> {
  return inFolder(async (folder) => {
    await using sandbox = await openSandbox({ path: ":memory:" });
    const anybody = createPurpleFlea({ baseUrl: sandbox.url, profile: paperProfile });
    const { api_key: key } = await anybody.faucet.register({ name: "ack" }, { key: "register" });
    const options = { journal: join(folder, JOURNAL), durability, venue: sandbox.url, key };
    // Awaited here: the venue lives until then.
    return await traced([WORKER, ...argumentsOf(options)], JOURNAL);
  });
}

function traceVenue(durability: string): Promise<Trace> {
  return inFolder((folder) => {
    const options = { state: join(folder, STATE), durability };
    return traced([VENUE, ...argumentsOf(options)], STATE);
  });
}

function argumentsOf(options: Readonly<Record<string, string>>): readonly string[] {
  const given = Object.entries({ ...options, count: String(COUNT) });
  return given.flatMap(([name, value]) => [`--${name}`, value]);
}

const countsOf = ({ left }: Trace): unknown =>
  Object.fromEntries(Object.entries(left).map(([kind, { left: count }]) => [kind, count]));

test(
  "whatever is promised, and every request with money, follows a sync",
  { skip: missing },
  async () => {
    const trace = await traceEngine("full");
    assert.deepEqual(countsOf(trace), PROMISED);
    for (const [kind, { early }] of Object.entries(trace.left)) assert.equal(early, 0, kind);
    assert.ok(trace.logsBegun > 1, "the log was to be begun again");
    assert.equal(trace.unsyncedLogs, 0);
  },
);

test(
  "the trace can see: with relaxed durability each kind leaves before the sync",
  { skip: missing },
  async () => {
    const trace = await traceEngine("relaxed");
    assert.deepEqual(countsOf(trace), PROMISED);
    for (const [kind, { early, left }] of Object.entries(trace.left))
      assert.ok(early > left / 2, `${kind}: ${early} of ${left} early`);
  },
);

test(
  "each answer of the venue follows a sync, and with relaxed durability it does not",
  { skip: missing },
  async () => {
    const [full, relaxed] = [await traceVenue("full"), await traceVenue("relaxed")];
    assert.deepEqual(full.left["answer"], { left: COUNT, early: 0 });
    assert.equal(relaxed.left["answer"]?.left, COUNT);
    assert.ok((relaxed.left["answer"]?.early ?? 0) > COUNT / 2);
  },
);

test(
  "the trace can see: a log that is begun again over a file that is not synchronised",
  { skip: missing },
  async () => {
    const trace = await inFolder((folder) => traced([UNSYNCED, join(folder, JOURNAL)], JOURNAL));
    assert.ok(trace.logsBegun > 1 && trace.unsyncedLogs > 0);
  },
);

const noted = workflow({
  name: "cut.noted",
  input: z.number(),
  output: z.number(),
  signals: { note: z.number() },
  queries: { notes: z.array(z.number()) },
  run: async (ctx, n) => {
    const notes: number[] = [];
    ctx.onSignal("note", (value) => {
      notes.push(value);
    });
    ctx.onQuery("notes", () => notes);
    await ctx.until(() => notes.length > 100);
    return n;
  },
});

/** Bytes of the log's header, of a frame's header, and of a page. */
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

test("a log cut at any frame opens, and holds what was acknowledged before the cut", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-cut-"));
  try {
    const path = join(folder, "journal.sqlite");
    const acknowledged: {
      readonly kind: "start" | "signal";
      readonly n: number;
      readonly logged: number;
    }[] = [];
    {
      const engine = await openEngine({ path, definitions: [noted] });
      const logged = (): number => statSync(`${path}-wal`).size;
      for (let n = 0; n < 8; n += 1) {
        const run = await engine.client.start(noted, n, { id: `cut-${n}` });
        acknowledged.push({ kind: "start", n, logged: logged() });
        await run.signal("note", n);
        acknowledged.push({ kind: "signal", n, logged: logged() });
      }
      copyFileSync(path, join(folder, "image"));
      copyFileSync(`${path}-wal`, join(folder, "image-wal"));
      engine.abandon();
    }
    const log = readFileSync(join(folder, "image-wal"));
    const pageSize = log.readUInt32BE(8);
    const frames = Math.floor((log.length - WAL_HEADER) / (pageSize + FRAME_HEADER));
    assert.ok(frames > 16, "the log must hold the commits that are cut");
    const first = acknowledged[0]?.logged ?? 0;
    let images = 0;
    for (let frame = 0; frame <= frames; frame += 1) {
      const cut = WAL_HEADER + frame * (pageSize + FRAME_HEADER);
      // Before the first acknowledgement the file may not even have its tables.
      if (cut < first) continue;
      images += 1;
      await checkImage(
        folder,
        log.subarray(0, cut),
        acknowledged.filter(({ logged }) => logged <= cut),
      );
    }
    assert.ok(images > 10);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function checkImage(
  folder: string,
  log: Uint8Array,
  expected: readonly { readonly kind: "start" | "signal"; readonly n: number }[],
): Promise<void> {
  const path = join(folder, "cut.sqlite");
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  copyFileSync(join(folder, "image"), path);
  writeFileSync(`${path}-wal`, log);
  await using engine = await openEngine({ path, definitions: [noted] });
  assert.deepEqual(await engine.verify(), []);
  for (const { kind, n } of expected) {
    const run = engine.client.run(noted, `cut-${n}`);
    assert.equal((await run.describe()).status, "running");
    if (kind === "signal") assert.deepEqual(await run.query("notes"), [n]);
  }
}
