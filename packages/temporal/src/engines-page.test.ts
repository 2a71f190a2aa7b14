// docs/engines.md says what the contract came to on both engines. What stands there was written by a run; this
// says, without a server, when the contract or what is left out of it has changed since.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contractNames } from "@holdfast/testing";
import { WITHOUT } from "./fixture/without.ts";

const AGAIN = "docs/engines.md is out of date: npm run services -- temporal -- npm run engines";

const page = readFileSync(new URL("../../../docs/engines.md", import.meta.url), "utf8");
const [, hash, part = ""] =
  /<!-- contract ([0-9a-f]+):[^]*?-->\n([^]*?)<!-- \/contract -->/u.exec(page) ?? [];

/** The rows of the table that has the heading, without their edges. */
function rows(heading: string): readonly (readonly string[])[] {
  const lines = part.split("\n");
  const from = lines.findIndex((line) => line.startsWith(`| ${heading} `)) + 2;
  const length = lines.slice(from).findIndex((line) => !line.startsWith("|"));
  return lines.slice(from, from + length).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

test("docs/engines.md counts the behaviours that the contract has now", () => {
  const names = contractNames();
  const now = createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 12);
  assert.equal(hash, now, AGAIN);
  const counted = Object.entries(names).map(([area, all]) => {
    const left = all.filter((name) => name in WITHOUT).length;
    return [area, ...[all.length, all.length, all.length - left].map(String)];
  });
  const sums = [1, 2, 3].map((column) =>
    String(counted.reduce((sum, row) => sum + Number(row[column]), 0)),
  );
  assert.deepEqual(rows("Area"), [...counted, ["all", ...sums]], AGAIN);
});

test("docs/engines.md names what is left out on Temporal, with the reasons of now", () => {
  assert.deepEqual(rows("Behaviour"), Object.entries(WITHOUT), AGAIN);
});
