// The mode that a report names is the strictest that concerns the agent, and FULL where none is on; it says that an
// agent held only where something struck it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mode, ModeRow } from "@holdfast/core";
import { modeOf, verdictOf } from "./report.ts";

function row(scope: string, mode: Mode): ModeRow {
  return { scope, mode, cause: "halt", reason: "", actor: "ada", since: 0, until: undefined };
}

test("modeOf() is the strictest of project, agent and venues", () => {
  assert.equal(modeOf([], "alpha"), "FULL");
  const others = [row("agent:beta", "HALTED"), row("symbol:BTC-PERP", "HALTED")];
  assert.equal(modeOf(others, "alpha"), "FULL");
  const venue = row("venue:purpleflea", "REDUCE_ONLY");
  assert.equal(modeOf([...others, venue], "alpha"), "REDUCE_ONLY");
  const agent = row("agent:alpha", "OBSERVATION");
  assert.equal(modeOf([venue, agent], "alpha"), "OBSERVATION");
  assert.equal(modeOf([row("project", "HALTED"), agent], "alpha"), "HALTED");
});

test("verdictOf() calls nothing held that nothing struck", () => {
  const seen = (effects: number, injections: number, crashes = 0) => {
    return { effects: Array.from({ length: effects }), counts: { injections }, crashes };
  };
  assert.equal(verdictOf(seen(0, 3), 0.3), "no-effects");
  assert.equal(verdictOf(seen(1, 0), 0.3), "untried");
  assert.equal(verdictOf(seen(1, 1), 0.3), "held");
  assert.equal(verdictOf(seen(1, 0, 1), 0.3), "held");
  // Nobody has asked for failures: latency alone.
  assert.equal(verdictOf(seen(1, 0), 0), "held");
});
