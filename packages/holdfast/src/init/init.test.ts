// What a new project consists of, and that nothing of the user's is ever changed.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { HoldfastError } from "@holdfast/core";
import { TestFolder } from "../fixture/folder.ts";
import { initProject } from "./init.ts";

const dependencies = { holdfast: "1.2.3", zod: "4.5.6" };

const FILES = [
  ".gitignore",
  "README.md",
  "agents/weekly-buy.test.ts",
  "agents/weekly-buy.ts",
  "holdfast.config.ts",
  "package.json",
  "tsconfig.json",
];

interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

function manifestOf(path: string | URL): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

function refusal(options: { folder: string; name?: string }): HoldfastError {
  try {
    initProject({ ...options, dependencies });
  } catch (error) {
    assert.ok(error instanceof HoldfastError);
    assert.match(error.message, /^Cannot /u);
    return error;
  }
  throw new Error("It was accepted.");
}

test("initProject() writes every file into a new folder, with its name and exact versions", () => {
  using folder = new TestFolder();
  const made = initProject({ folder: folder.join("deep", "My Agent!"), dependencies });
  assert.equal(made.name, "my-agent");
  assert.deepEqual([...made.written].sort(), FILES);
  assert.deepEqual(made.kept, []);
  const manifest = manifestOf(folder.join("deep", "My Agent!", "package.json"));
  assert.deepEqual([manifest.name, manifest.dependencies], ["my-agent", dependencies]);
  const other = initProject({ folder: folder.join("x"), name: "@me/buyer", dependencies });
  assert.equal(manifestOf(folder.join("x", "package.json")).name, "@me/buyer");
  assert.match(readFileSync(folder.join("x", "README.md"), "utf8"), /^# @me\/buyer\n/u);
  assert.equal(other.folder, folder.join("x"));
});

test("initProject() takes the versions of tools that this repository is tested with", () => {
  const { devDependencies } = manifestOf(new URL("../../template/package.json", import.meta.url));
  const ours = manifestOf(new URL("../../../../package.json", import.meta.url)).devDependencies;
  for (const [name, version] of Object.entries(devDependencies)) assert.equal(version, ours[name]);
});

test("initProject() refuses a folder that holds something, and names it", () => {
  using folder = new TestFolder();
  for (const name of ["a.ts", "b.ts", "c.ts", "d.ts", "e.ts", "f.ts"]) folder.write(name, "mine");
  const { code, message } = refusal({ folder: folder.path });
  assert.equal(code, "HF-FOLDER-NOT-EMPTY");
  assert.match(message, /it holds a\.ts, b\.ts, c\.ts, d\.ts, e\.ts and 1 more\. .*--force/u);
  assert.equal(readdirSync(folder.path).length, 6);
});

test("initProject() takes a folder that holds only a repository", () => {
  using folder = new TestFolder();
  folder.write(".git/config", "");
  assert.equal(initProject({ folder: folder.path, dependencies }).written.length, FILES.length);
});

test("initProject() keeps what is there when it is forced, and says so", () => {
  using folder = new TestFolder();
  folder.write("package.json", "mine");
  folder.write("agents/weekly-buy.ts", "mine");
  const made = initProject({ folder: folder.path, force: true, dependencies });
  assert.deepEqual([...made.kept].sort(), ["agents/weekly-buy.ts", "package.json"]);
  assert.deepEqual([...made.written, ...made.kept].sort(), FILES);
  assert.equal(readFileSync(folder.join("package.json"), "utf8"), "mine");
});

test("initProject() refuses names that npm does not take, and what is no folder", () => {
  using folder = new TestFolder();
  for (const name of ["My Agent", "../x", "", "holdfast", "a".repeat(215)]) {
    const { code, message } = refusal({ folder: folder.path, name });
    assert.equal(code, "HF-NAME-INVALID", name);
    assert.match(message, /--name/u);
  }
  assert.deepEqual(readdirSync(folder.path), []);
  const file = folder.write("file", "mine");
  assert.equal(refusal({ folder: file, name: "x" }).code, "HF-FOLDER-UNUSABLE");
});
