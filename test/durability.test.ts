// What is acknowledged is on disk. kill -9 cannot show that (the page cache outlives the process), so it is
// shown in two other ways: by the system calls that precede each acknowledgement, and by cutting the log.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { workflow } from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { z } from "zod";

const WORKER = fileURLToPath(new URL("harness/ack-worker.ts", import.meta.url));
const COUNT = 20;

const strace = spawnSync("strace", ["--version"]).status === 0;
const missing = strace
  ? false
  : "strace is not installed: apt-get install strace. The system-call proof of durability was NOT run.";

/** Acknowledgements seen, and those that came while frames of the log were not yet synchronised. */
function trace(durability: "full" | "relaxed"): {
  readonly acknowledged: number;
  readonly early: number;
} {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-trace-"));
  try {
    const log = join(folder, "trace.txt");
    const traced = "trace=fsync,fdatasync,pwrite64,write";
    const journal = join(folder, "journal.sqlite");
    const worker = [
      WORKER,
      "--journal",
      journal,
      "--durability",
      durability,
      "--count",
      `${COUNT}`,
    ];
    const watch = ["-f", "-y", "-s", "32", "-e", traced, "-o", log];
    spawnSync("strace", watch.concat(process.execPath, worker));
    let dirty = false;
    let acknowledged = 0;
    let early = 0;
    for (const line of readFileSync(log, "utf8").split("\n")) {
      if (line.includes("journal.sqlite-wal") && line.includes("pwrite64(")) dirty = true;
      if (line.includes("journal.sqlite-wal") && /f(?:data)?sync\(/u.test(line)) dirty = false;
      if (!line.includes('"ACK ')) continue;
      acknowledged += 1;
      if (dirty) early += 1;
    }
    return { acknowledged, early };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("each acknowledgement follows a sync that covers it", { skip: missing }, () => {
  assert.deepEqual(trace("full"), { acknowledged: 2 * COUNT, early: 0 });
});

test(
  "the trace can see: with relaxed durability acknowledgements come before the sync",
  { skip: missing },
  () => {
    const { acknowledged, early } = trace("relaxed");
    assert.equal(acknowledged, 2 * COUNT);
    assert.ok(early > COUNT);
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
