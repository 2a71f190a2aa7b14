// Secrets: who can read them, what a crash leaves, and what a disk refuses.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { hasCode } from "@holdfast/core";
import { TestFolder } from "../fixture/folder.ts";
import { diskFailure, writeDurably } from "./durable-file.ts";
import { openSecrets } from "./secrets.ts";

const mode = (path: string): number => statSync(path).mode & 0o777;

test("openSecrets() keeps each secret in a file that only this user can read", async () => {
  using folder = new TestFolder();
  // One that was there before, open to all, is closed.
  mkdirSync(folder.join("secrets"), { mode: 0o777 });
  const secrets = openSecrets(folder.path);
  const reference = await secrets.save("agent/default/api-key", "pf_test_abc");
  assert.equal(reference, "secret:agent/default/api-key");
  assert.equal(secrets.read("agent/default/api-key"), "pf_test_abc");
  assert.equal(mode(folder.join("secrets")), 0o700);
  const [file = ""] = readdirSync(folder.join("secrets"));
  assert.equal(mode(folder.join("secrets", file)), 0o600);
});

test("read() gives what was saved last, and nothing where there is nothing", async () => {
  using folder = new TestFolder();
  const secrets = openSecrets(folder.path);
  assert.equal(secrets.read("NEVER_SAVED"), undefined);
  await secrets.save("A", "one");
  await secrets.save("A", "two");
  assert.equal(openSecrets(folder.path).read("A"), "two");
});

test("read() takes a file written by hand without its line break", () => {
  using folder = new TestFolder();
  const secrets = openSecrets(folder.path);
  writeFileSync(folder.join("secrets", "BY_HAND"), "pf_test_abc\n");
  assert.equal(secrets.read("BY_HAND"), "pf_test_abc");
});

test("save() refuses a name that would leave the folder", async () => {
  using folder = new TestFolder();
  const secrets = openSecrets(folder.path);
  for (const name of ["../escape", "..", "", "a b", ".hidden", "nul\u0000"]) {
    await assert.rejects(secrets.save(name, "x"), (error) => hasCode(error, "HF-SECRET-NAME"));
  }
  assert.deepEqual(readdirSync(folder.join("secrets")), []);
});

test("writeDurably() replaces what a crash left half written, with the right mode", () => {
  using folder = new TestFolder();
  const left = folder.write("control.json.new", "half of a");
  writeDurably(folder.path, "control.json", "whole");
  assert.equal(readFileSync(folder.join("control.json"), "utf8"), "whole");
  assert.equal(mode(folder.join("control.json")), 0o600);
  assert.throws(() => statSync(left), "nothing is left beside it");
});

test("writeDurably() leaves the old file whole when the new one cannot be written", () => {
  using folder = new TestFolder();
  writeDurably(folder.path, "ports.json", "old");
  // A folder in the way stands for a disk that refuses.
  mkdirSync(folder.join("ports.json.new", "in-the-way"), { recursive: true });
  assert.throws(
    () => {
      writeDurably(folder.path, "ports.json", "new");
    },
    (error) => hasCode(error, "HF-STATE-UNUSABLE"),
  );
  assert.equal(readFileSync(folder.join("ports.json"), "utf8"), "old");
});

test("diskFailure() tells a full disk from a read-only one, and lets a call try again", () => {
  const of = (code: string): unknown => {
    const failure = diskFailure(Object.assign(new Error(`${code}: no`), { code }), "state/x");
    assert.equal(failure.disposition, "retry");
    assert.match(failure.message, /^Cannot write state\/x: /u);
    return failure.code;
  };
  assert.deepEqual(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO"].map(of), [
    "HF-STATE-FULL",
    "HF-STATE-FULL",
    "HF-STATE-READONLY",
    "HF-STATE-READONLY",
    "HF-STATE-UNUSABLE",
  ]);
  const sqlite = Object.assign(new Error("database or disk is full"), { errcode: 13 });
  assert.equal(diskFailure(sqlite, "state/x").code, "HF-STATE-FULL");
});
