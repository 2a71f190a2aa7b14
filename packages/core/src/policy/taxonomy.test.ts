// The table of failures: what is never tried again, and that its page says what it says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  FIVE_TRIES,
  HoldfastError,
  TAXONOMY,
  healthOf,
  meaningOf,
  retryDelayMs,
  retryPolicy,
  seededRandom,
  systemCodeOf,
  toFailure,
} from "@holdfast/core";

test("400, 401, 403, 404 and 422 are refused, and so is what is not known below 500", () => {
  const random = seededRandom("taxonomy");
  for (const status of [400, 401, 402, 403, 404, 405, 409, 410, 415, 418, 422]) {
    const meaning = meaningOf("http", status);
    const failure = toFailure(new HoldfastError("TEST", "no", meaning));
    assert.deepEqual([meaning.disposition, meaning.outcome], ["refused", "refused"], `${status}`);
    assert.equal(retryDelayMs(retryPolicy(), 1, failure, random), undefined);
  }
  assert.equal(meaningOf("http", 429).disposition, "retry-after");
  for (const status of [408, 425, 500, 502, 503, 504, 520, 599])
    assert.deepEqual(meaningOf("http", status), {
      class: "api",
      disposition: "retry",
      outcome: "unknown",
    });
});

test("a connection that never was has sent nothing; one that broke may have", () => {
  const deep = new TypeError("fetch failed", {
    cause: new AggregateError([Object.assign(new Error("no"), { code: "ECONNREFUSED" })]),
  });
  assert.equal(systemCodeOf(deep), "ECONNREFUSED");
  assert.equal(meaningOf("socket", systemCodeOf(deep)).outcome, "not-sent");
  assert.equal(meaningOf("socket", "CERT_HAS_EXPIRED").outcome, "not-sent");
  for (const code of ["ETIMEDOUT", "ECONNRESET", "EWHATEVER", undefined])
    assert.equal(meaningOf("socket", code).outcome, "unknown", String(code));
});

test("no code stands twice, every source has a row for the rest, and all six classes are met", () => {
  const all = TAXONOMY.flatMap(({ source, codes }) => codes.map((code) => `${source} ${code}`));
  assert.equal(new Set(all).size, all.length);
  for (const source of ["http", "socket", "sqlite", "process"])
    assert.ok(TAXONOMY.some((row) => row.source === source && row.codes.length === 0));
  assert.equal(new Set(TAXONOMY.map((row) => row.class)).size, 6);
});

test("FIVE_TRIES gives up after five, at most a minute apart", () => {
  const policy = retryPolicy(FIVE_TRIES);
  const random = { ...seededRandom("x"), next: () => 1 };
  const failure = toFailure(new HoldfastError("T", "x", { disposition: "retry" }));
  const delays = [1, 2, 3, 4, 5].map((attempt) => retryDelayMs(policy, attempt, failure, random));
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, undefined]);
  assert.equal(retryDelayMs({ ...policy, attempts: 99 }, 20, failure, random), 60_000);
});

test("docs/reference/failures.md shows the table as it is", () => {
  const page = readFileSync(
    new URL("../../../../docs/reference/failures.md", import.meta.url),
    "utf8",
  );
  const cells = (line: string): string =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .join("|");
  const shown = page.split("\n").map(cells);
  for (const { source, codes, says, ...row } of TAXONOMY) {
    const names = codes.length === 0 ? "all others" : codes.map((code) => `\`${code}\``).join(", ");
    const health = healthOf(row) === "ill" ? "yes" : "no";
    const line = `|${source}|${names}|${says}|${row.class}|${row.disposition}|${row.outcome}|${health}|`;
    assert.ok(shown.includes(line), `the page lacks: ${line}`);
  }
  assert.equal(
    shown.filter((line) => /^\|(?:http|socket|schema|sqlite|process)\|/u.test(line)).length,
    TAXONOMY.length,
  );
});
