// The mode that a report names is the strictest that concerns the agent, and FULL where none is on.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Mode, ModeRow } from "@holdfast/core";
import { modeOf } from "./report.ts";

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
