// Which moments of a run are tried.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, momentsOf } from "./moment.ts";

const points = Array.from({ length: 100 }, (_, n) => {
  const point = n % 2 === 0 ? ("commit.before" as const) : ("commit.after" as const);
  return { point, about: n === 40 || n === 41 ? "-old,+plan/1" : n === 50 ? "read/1" : "" };
});
const moments = momentsOf({ points, writes: 2, reads: 3, refs: new Set(["plan/1"]) });

test("momentsOf() numbers the moments of each kind, and knows those that touch an effect", () => {
  assert.equal(moments.length, 100 + 2 * (2 + 3) + 2);
  const matter = moments.filter(({ matters }) => matters).map(({ mishap, nth }) => [mishap, nth]);
  assert.deepEqual(matter, [
    ["commit.before", 21],
    ["commit.after", 21],
    ["answer-dropped", 1],
    ["answer-dropped", 2],
    ["answer-late", 1],
    ["answer-late", 2],
    ["request-late", 1],
    ["request-late", 2],
  ]);
});

test("chosen() takes all where all fit, else effects first and the rest evenly", () => {
  assert.deepEqual(new Set(chosen(moments, 1_000, "a")), new Set(moments));
  const some = chosen(moments, 20, "a");
  assert.equal(some.length, 20);
  assert.ok(some.slice(0, 8).every(({ matters }) => matters));
  const places = some.slice(8).map((moment) => moments.indexOf(moment));
  const gaps = places.toSorted((a, b) => a - b).map((place, at, all) => place - (all[at - 1] ?? 0));
  assert.ok(Math.max(...gaps) <= 14, gaps.join(" "));
  assert.equal(chosen(moments, 3, "a").length, 3);
  assert.deepEqual(chosen(moments, 20, "a"), some);
});
