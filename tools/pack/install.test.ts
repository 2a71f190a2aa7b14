// What an installation weighs, and what happens when it weighs too much.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BUDGETS, overBudget } from "./budget.ts";
import { installedPackages, tarballsOf, totalBytes } from "./install.ts";

test("tarballsOf() names a package and all of ours that it needs, and nothing else", () => {
  const names = (name: string): readonly string[] =>
    tarballsOf(name, "/packed").map((path) => path.replace(/-\d.*$/u, ""));
  assert.deepEqual(names("@holdfast/engine"), [
    "/packed/holdfast-engine",
    "/packed/holdfast-core",
    "/packed/holdfast-guard",
  ]);
  assert.ok(names("holdfast").includes("/packed/holdfast-sandbox"));
  assert.ok(!names("holdfast").includes("/packed/create-holdfast"));
  assert.throws(() => tarballsOf("@holdfast/temporal", "/packed"), /publishes no such package/u);
});

test("installedPackages() counts the bytes of files, nested packages with those that hold them", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-weigh-"));
  try {
    const write = (path: string, bytes: number): void => {
      const file = join(folder, "node_modules", path);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, "x".repeat(bytes));
    };
    write("small/package.json", 10);
    write("@scope/large/package.json", 20);
    write("@scope/large/node_modules/inner/package.json", 5);
    symlinkSync(join(folder, "node_modules/small"), join(folder, "node_modules/@scope/large/link"));
    const installed = installedPackages(folder);
    assert.deepEqual(installed, [
      { name: "@scope/large", bytes: 25 },
      { name: "small", bytes: 10 },
    ]);
    assert.equal(totalBytes(installed), 35);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("overBudget() refuses one byte too many, and names the budget and the largest packages", () => {
  for (const budget of BUDGETS) {
    assert.equal(overBudget(budget, [{ name: "a", bytes: budget.bytesMax }]), undefined);
    const over = overBudget(budget, [
      { name: "huge", bytes: budget.bytesMax },
      { name: "tiny", bytes: 1 },
    ]);
    assert.match(over ?? "", new RegExp(`${budget.name}.*huge`, "u"));
  }
});
