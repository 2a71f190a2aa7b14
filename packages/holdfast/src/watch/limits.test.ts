// What a configuration may say of limits, and what it may not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf } from "../config/check.ts";
import { memoryOfProcess } from "./gauge.ts";
import { MEMORY_SHARE, readWatch } from "./limits.ts";
import { bytesOf, formatBytes } from "./size.ts";

test("readWatch() has a default for everything, and leaves out what is switched off", () => {
  const { found, problems } = readWatch();
  assert.deepEqual(problems, []);
  assert.deepEqual(found.limits.disk, { hold: 2 ** 28, shed: 2 ** 27, stop: undefined });
  assert.deepEqual(found.limits.loopLag, { hold: 2_000, shed: 5_000, stop: 15_000 });
  assert.deepEqual([found.everyMs, found.patienceMs], [1_000, 30_000]);
  const less = readWatch({ heap: false, memory: { limit: "1GiB", shed: false } }).found;
  assert.deepEqual(Object.keys(less.limits), ["memory", "loopLag", "disk", "descriptors"]);
  assert.deepEqual(less.limits.memory, { hold: 0.8, shed: undefined, stop: 0.97 });
  assert.equal(less.memoryLimit, 2 ** 30);
});

test("problemsOf() refuses limits that nothing could run under, or that contradict each other", () => {
  const problem = (watch: unknown): string => problemsOf({ watch }).join("\n");
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ memory: { hold: 1.5 } }, /watch\.memory\.hold: expected a share/u],
    [{ memory: { hold: 0 } }, /watch\.memory\.hold: expected a share/u],
    [{ memory: { hold: "80%" } }, /watch\.memory\.hold: expected a share/u],
    [{ memory: { limit: "1MiB" } }, /watch\.memory\.limit: expected a size from "64MiB" on/u],
    [{ memory: { limit: "much" } }, /watch\.memory\.limit/u],
    [{ memory: { hold: 0.9, shed: 0.8 } }, /watch\.memory\.shed: must be above hold/u],
    // Against a default, too.
    [{ memory: { hold: 0.95 } }, /watch\.memory\.shed: must be above hold/u],
    [{ memory: { hold: 0.98, shed: false } }, /watch\.memory\.stop: must be above hold/u],
    [{ disk: { hold: "1MiB", shed: "2MiB" } }, /watch\.disk\.shed: must be below hold/u],
    [{ disk: { hold: 0.5 } }, /watch\.disk\.hold: expected a size/u],
    [{ loopLag: { hold: "1ms" } }, /watch\.loopLag\.hold: expected a duration/u],
    [{ loopLag: { stop: "1w" } }, /watch\.loopLag\.stop: expected a duration/u],
    [{ descriptors: { limit: 3 } }, /watch\.descriptors\.limit: expected a number from 32 on/u],
    [{ frozen: "1ms" }, /watch\.frozen: expected a duration/u],
    [{ every: "0s" }, /watch\.every: expected a duration/u],
    [{ patience: "2h" }, /watch\.patience: expected a duration/u],
    [{ memroy: {} }, /watch: .*memroy/u],
    [{ heap: { limit: "1GiB" } }, /watch\.heap: .*limit/u],
    [true, /watch: /u],
  ];
  for (const [watch, expected] of cases) assert.match(problem(watch), expected);
  assert.equal(problem({ memory: { limit: "200MiB", hold: 0.5 }, disk: false, every: "5s" }), "");
  assert.equal(problem(false), "");
});

test("memoryOfProcess() takes the cgroup's limit, and else a share of the machine", () => {
  assert.equal(memoryOfProcess(512, 2_048), 512);
  // Without a limit a kernel says nothing, or a number beyond all memory.
  assert.equal(memoryOfProcess(0, 2_048), 2_048 * MEMORY_SHARE);
  assert.equal(memoryOfProcess(2 ** 63, 2_048), 2_048 * MEMORY_SHARE);
});

test("bytesOf() and formatBytes() speak of the same sizes", () => {
  assert.deepEqual(["512MiB", "1.5GiB", 100].map(bytesOf), [2 ** 29, 1.5 * 2 ** 30, 100]);
  for (const bad of ["512", "512MB", "-1MiB", "0KiB", 0, -1, 1.5, Number.NaN, {}, null])
    assert.equal(bytesOf(bad), undefined, JSON.stringify(bad));
  assert.deepEqual([100, 2_048, 2 ** 29, 2 ** 40].map(formatBytes), [
    "100 B",
    "2.0 KiB",
    "512.0 MiB",
    "1.0 TiB",
  ]);
});
