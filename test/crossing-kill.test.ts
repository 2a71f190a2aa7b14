// kill -9 of a real process in the middle of runs that act on each other; then the same command again. No
// child, message or effect may be lost or doubled.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type PlayOutcome, assertAsWritten } from "./harness/crossing-play.ts";

const WORKER = fileURLToPath(new URL("harness/crossing-worker.ts", import.meta.url));
const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const KILLS = everything ? 100 : 12;
/** Of the moments of a play; in real time two commits may fall together, so that the last are not always met. */
const PART = 0.9;
/** Processes at a time. */
const AT_ONCE = 2;

interface Played {
  readonly signal: NodeJS.Signals | null;
  /** Absent where it was killed. */
  readonly end:
    | { readonly outcome: PlayOutcome; readonly problems: unknown; readonly moments: number }
    | undefined;
}

async function playIn(folder: string, kill: number): Promise<Played> {
  const files = ["--journal", join(folder, "journal.sqlite"), "--shop", join(folder, "shop.txt")];
  const worker = spawn(process.execPath, [WORKER, ...files, "--kill", String(kill)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  worker.stdout.on("data", (part) => (text += String(part)));
  const [, signal] = (await once(worker, "close")) as [number | null, NodeJS.Signals | null];
  return { signal, end: text === "" ? undefined : (JSON.parse(text) as Played["end"]) };
}

/** Effects of a shop that honours keys: one for each key. */
function effectsIn(folder: string): readonly string[] {
  const sends = readFileSync(join(folder, "shop.txt"), "utf8")
    .split("\n")
    .map((line) => line.split("\t"));
  const refs = new Map<string, string>();
  for (const [key, ref] of sends) if (key !== undefined && ref !== undefined) refs.set(key, ref);
  return [...refs.values()];
}

async function inFolder<Value>(body: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-crossing-"));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(`runs that act on each other, killed at ${KILLS} moments, end as they should`, async (t) => {
  const clean = await inFolder(async (folder) => {
    const { end } = await playIn(folder, 0);
    assert.ok(end !== undefined);
    assertAsWritten(end.outcome, effectsIn(folder));
    return end;
  });
  const moments = Array.from({ length: KILLS }, (_, n) =>
    Math.max(1, Math.floor(((n + 0.5) * PART * clean.moments) / KILLS)),
  );
  while (moments.length > 0) {
    await Promise.all(
      moments.splice(0, AT_ONCE).map((moment) =>
        t.test(`moment ${moment} of ${clean.moments}`, () =>
          inFolder(async (folder) => {
            assert.equal((await playIn(folder, moment)).signal, "SIGKILL", "it was to be killed");
            const { end } = await playIn(folder, 0);
            assert.ok(end !== undefined, "the second process was to end by itself");
            assert.deepEqual([end.outcome, end.problems], [clean.outcome, []]);
            assertAsWritten(end.outcome, effectsIn(folder));
          }),
        ),
      ),
    );
  }
});
