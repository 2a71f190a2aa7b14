// Histories in Temporal's event model, from journals written by hand: which events stand for which entries, and
// what leaves none. That the histories replay is shown where the SDK is, in test/temporal-history.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type HistoryEntry, HoldfastError, decode, toFailure } from "@holdfast/core";
import type { RecordedRun } from "../run/recorded.ts";
import { toTemporalHistory } from "./history.ts";
import type { Payloads } from "./payload.ts";

const START = Date.parse("2026-01-05T09:00:00Z");
const failure = toFailure(new HoldfastError("TEST-LOST", "no answer"));

/** A journal with a commit for each list of entries, a second apart. */
function recorded(...commits: readonly (readonly HistoryEntry[])[]): RecordedRun {
  return {
    id: "dca-btc",
    runId: "run_1",
    workflow: "agents.dca",
    account: "default",
    namespace: "ns_1",
    root: "dca-btc",
    generation: 0,
    parent: undefined,
    rows: commits.map((entries, index) => ({ sequence: 0, at: START + index * 1_000, entries })),
  };
}

/** The types of the events, without those of the workflow tasks. */
function types(run: RecordedRun): readonly string[] {
  return toTemporalHistory(run)
    .events.map(({ eventType }) => eventType.replace("EVENT_TYPE_", ""))
    .filter((type) => !type.startsWith("WORKFLOW_TASK_"));
}

const started = { kind: "started", input: "1" } as const;
const call = (number: number, more: { readonly local?: true } = {}): HistoryEntry => ({
  kind: "call",
  call: number,
  activity: "test.buy",
  effect: "none",
  input: "2",
  ordinal: 0,
  totalMs: 60_000,
  ...more,
});
const completed = { kind: "completed", output: "3" } as const;

test("toTemporalHistory() numbers events, times them by their commits, and gives each fact a workflow task", () => {
  const { events } = toTemporalHistory(
    recorded([started, call(0)], [{ kind: "done", call: 0, output: "3" }, completed]),
  );
  assert.deepEqual(
    events.map(({ eventId, eventTime, eventType }) => [eventId, eventTime, eventType.slice(11)]),
    [
      ["1", "2026-01-05T09:00:00.000Z", "WORKFLOW_EXECUTION_STARTED"],
      ["2", "2026-01-05T09:00:00.000Z", "WORKFLOW_TASK_SCHEDULED"],
      ["3", "2026-01-05T09:00:00.000Z", "WORKFLOW_TASK_STARTED"],
      ["4", "2026-01-05T09:00:00.000Z", "WORKFLOW_TASK_COMPLETED"],
      ["5", "2026-01-05T09:00:00.000Z", "ACTIVITY_TASK_SCHEDULED"],
      ["6", "2026-01-05T09:00:01.000Z", "ACTIVITY_TASK_STARTED"],
      ["7", "2026-01-05T09:00:01.000Z", "ACTIVITY_TASK_COMPLETED"],
      ["8", "2026-01-05T09:00:01.000Z", "WORKFLOW_TASK_SCHEDULED"],
      ["9", "2026-01-05T09:00:01.000Z", "WORKFLOW_TASK_STARTED"],
      ["10", "2026-01-05T09:00:01.000Z", "WORKFLOW_TASK_COMPLETED"],
      ["11", "2026-01-05T09:00:01.000Z", "WORKFLOW_EXECUTION_COMPLETED"],
    ],
  );
});

test("toTemporalHistory() hands over what the run begins with as its second argument, in our codec", () => {
  const signals = [{ name: "go", payload: "4", id: "s1" }];
  const { events } = toTemporalHistory(recorded([{ ...started, loop: "5", signals }]));
  const first = events[0]?.["workflowExecutionStartedEventAttributes"];
  const values = (first as { readonly input: Payloads }).input.payloads.map(({ data }) =>
    decode(Buffer.from(data, "base64").toString()),
  );
  assert.deepEqual(values, [
    1,
    {
      account: "default",
      namespace: "ns_1",
      root: "dca-btc",
      generation: 0,
      loop: "5",
      signals,
    },
  ]);
});

test("toTemporalHistory() leaves out what was decided and taken back in one workflow task", () => {
  const timer = { kind: "timer", timer: 0, at: START + 5_000 } as const;
  const gone = { kind: "timer-cancelled", timer: 0 } as const;
  const cancelled = { kind: "call-cancelled", call: 0 } as const;
  assert.deepEqual(types(recorded([started, timer, call(0), cancelled, gone])), [
    "WORKFLOW_EXECUTION_STARTED",
  ]);
  const signal = { kind: "signal", name: "go", payload: "4", id: "s1" } as const;
  assert.deepEqual(types(recorded([started, timer, call(0)], [signal, cancelled, gone])), [
    "WORKFLOW_EXECUTION_STARTED",
    "TIMER_STARTED",
    "ACTIVITY_TASK_SCHEDULED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "ACTIVITY_TASK_CANCEL_REQUESTED",
    "TIMER_CANCELED",
  ]);
});

test("toTemporalHistory() puts the outcome of a local call into the workflow task before", () => {
  const { events } = toTemporalHistory(
    recorded([
      started,
      call(0, { local: true }),
      { kind: "done", call: 0, output: "3" },
      completed,
    ]),
  );
  assert.deepEqual(
    events.slice(3).map(({ eventType }) => eventType.slice(11)),
    ["WORKFLOW_TASK_COMPLETED", "MARKER_RECORDED", "WORKFLOW_EXECUTION_COMPLETED"],
  );
});

test("toTemporalHistory() notes where code went on at a fact that Temporal does not know", () => {
  const timer = { kind: "timer", timer: 0, at: START } as const;
  const run = recorded([started, call(0)], [{ kind: "in-doubt", call: 0, failure }, timer]);
  assert.match(toTemporalHistory(run).notes[1] ?? "", /Temporal cannot replay it/u);
});

test("toTemporalHistory() notes what has no counterpart, and leaves no event for it", () => {
  const decision = { actor: "ann", reason: "the venue says no" };
  const run = recorded(
    [started, call(0)],
    [{ kind: "in-doubt", call: 0, failure }],
    [{ kind: "resent", call: 0, decision }],
  );
  assert.deepEqual(types(run), ["WORKFLOW_EXECUTION_STARTED", "ACTIVITY_TASK_SCHEDULED"]);
  assert.deepEqual(toTemporalHistory(run).notes, [
    "call 0 of test.buy was in doubt: no answer",
    "call 0 of test.buy was sent again, as ann decided: the venue says no",
  ]);
});
