// Histories exported in Temporal's event model replay in Temporal's own SDK, and what is changed in them is caught
// there. Recorded on the embedded engine under virtual time; no Temporal server takes part.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { dca, openAgent, riskMonitor } from "@holdfast/agents";
import { hasCode } from "@holdfast/core";
import { type TemporalEvent, temporalHistory } from "@holdfast/engine";
import { bundle, replay } from "@holdfast/temporal";
import { child, every, failing, looping, paying } from "./harness/every-command.ts";
import { weekly } from "./harness/plans.ts";
import { Scene } from "./harness/scene.ts";
import { until } from "./harness/until.ts";

let bundled: Awaited<ReturnType<typeof bundle>>;

before(async () => {
  const path = fileURLToPath(new URL("harness/replayed.ts", import.meta.url));
  bundled = await bundle(path);
});

function replayed(id: string, events: readonly TemporalEvent[]): Promise<void> {
  return replay({ bundle: bundled, id, history: { events } });
}

/** Exports a run, replays it, and gives its events. */
async function exported(
  scene: Scene,
  id: string,
  generation?: number,
): Promise<readonly TemporalEvent[]> {
  const { events } = await temporalHistory(scene.engine, id, generation);
  await replayed(id, events);
  return events;
}

const isViolation = (error: unknown): boolean =>
  error instanceof Error && error.name === "DeterminismViolationError";

function count(events: readonly TemporalEvent[], type: string): number {
  return events.filter(({ eventType }) => eventType === `EVENT_TYPE_${type}`).length;
}

/** The same events with one text for another, wherever it stands. */
function changed(events: readonly TemporalEvent[], from: string, to: string): TemporalEvent[] {
  const text = JSON.stringify(events);
  assert.ok(text.includes(from), `${from} does not occur`);
  return JSON.parse(text.replaceAll(from, to)) as TemporalEvent[];
}

/** How many entries of a kind a run's journal has. */
/** Lets time pass until the condition holds, and not one jump further. */
async function standAt(scene: Scene, condition: () => Promise<boolean>): Promise<void> {
  const met = Promise.withResolvers<void>();
  await scene.drive(met.promise, async () => {
    if (await condition()) met.resolve();
  });
}

async function entries(scene: Scene, id: string, kind: string): Promise<number> {
  return (await scene.engine.history(id)).filter(({ entry }) => entry.kind === kind).length;
}

/** The same events, where the values of one field of the payloads are others. */
function revalued(events: readonly TemporalEvent[], from: string, to: string): TemporalEvent[] {
  const texts = events.map((event) => {
    const text = JSON.stringify(event);
    if (event.eventType !== "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED") return text;
    return text.replaceAll(/"data":"([^"]*)"/gu, (_match, data: string) => {
      const value = Buffer.from(data, "base64").toString("utf8").replace(from, to);
      return `"data":"${Buffer.from(value).toString("base64")}"`;
    });
  });
  assert.notDeepEqual(
    texts,
    events.map((event) => JSON.stringify(event)),
  );
  return texts.map((text) => JSON.parse(text) as TemporalEvent);
}

/** The same events, where the first two commands of one workflow task have changed places. */
function reordered(
  events: readonly TemporalEvent[],
  first: string,
  second: string,
): TemporalEvent[] {
  const at = events.findIndex(
    ({ eventType }, index) =>
      eventType.endsWith(first) && events[index + 1]?.eventType.endsWith(second) === true,
  );
  const [a, b] = [events[at], events[at + 1]];
  assert.ok(a !== undefined && b !== undefined);
  const { eventId } = a;
  return events.with(at, { ...b, eventId }).with(at + 1, { ...a, eventId: b.eventId });
}

test("a paused plan whose purchases failed first replays, and changes of it are caught", async () => {
  await using scene = await Scene.open({
    definitions: [dca],
    memory: true,
    sandbox: { faults: [{ kind: "status", operations: ["open"], tries: [1, 2] }] },
  });
  const run = await scene.client.start(dca, { ...weekly, periods: 4 }, { id: "plan" });
  await scene.drive(until(async () => (await run.query("progress")).done === 2));
  await run.signal("pause", { reason: "holiday" });
  await scene.drive(until(async () => (await entries(scene, "plan", "fired")) === 3));
  await run.signal("resume");
  assert.equal((await scene.drive(run.result())).bought, 4);

  const events = await exported(scene, "plan");
  assert.equal(count(events, "ACTIVITY_TASK_COMPLETED"), 8, "a price and a purchase each time");
  assert.equal(count(events, "WORKFLOW_EXECUTION_SIGNALED"), 2);
  const renamed = changed(events, "purpleflea.executeTrade", "purpleflea.closePosition");
  await assert.rejects(replayed("plan", renamed), isViolation);
  const shorter = events.filter(({ eventType }) => !eventType.endsWith("TIMER_STARTED"));
  await assert.rejects(replayed("plan", shorter));
  const dearer = revalued(events, "25000000", "26000000");
  await assert.rejects(replayed("plan", dearer), (error) => hasCode(error, "HF-DETERMINISM"));
});

test("a risk monitor replays in every generation, and when it is cancelled", async () => {
  await using scene = await Scene.open({
    definitions: [riskMonitor],
    memory: true,
    engine: { historySuggest: 40 },
  });
  const watch = { limit: 0.15, every: "1d" } as const;
  const monitor = await scene.client.start(riskMonitor, watch, { id: "risk" });
  await scene.drive(until(async () => (await monitor.describe()).generation === 2));
  await monitor.cancel();
  await assert.rejects(scene.drive(monitor.result()), /cancelled/u);
  for (const generation of [0, 1]) {
    const events = await exported(scene, "risk", generation);
    assert.equal(count(events, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"), 1);
  }
  assert.equal(count(await exported(scene, "risk"), "WORKFLOW_EXECUTION_CANCELED"), 1);
  await assert.rejects(exported(scene, "risk", 3), /it has no generation 3/u);
});

test("the opening of an account replays", async () => {
  await using scene = await Scene.open({ definitions: [openAgent], memory: true });
  const run = await scene.client.start(openAgent, { name: "tester" }, { id: "open" });
  await scene.drive(run.result());
  const events = await exported(scene, "open");
  assert.equal(count(events, "ACTIVITY_TASK_COMPLETED"), 2);
});

test("a payment in doubt, cancelled and then settled, replays; what has no counterpart is noted", async () => {
  await using scene = await Scene.open({ definitions: [paying], memory: true });
  const run = await scene.client.start(paying, undefined, { id: "paying" });
  await standAt(scene, async () => (await entries(scene, "paying", "in-doubt")) === 1);
  await run.cancel({ reason: "enough" });
  const [call] = (await run.describe()).calls;
  const decision = { actor: "tester", reason: "looked", requestId: "settled" };
  const settled = { key: call?.key ?? "", resolution: { kind: "not-done" }, ...decision } as const;
  await scene.engine.apply([{ kind: "resolve", id: "paying", ...settled }]);
  await assert.rejects(scene.drive(run.result()), /cancelled/u);

  const { notes } = await temporalHistory(scene.engine, "paying");
  assert.match(notes.join(), /^call 1 of every\.doubtful was in doubt: /u);
  const events = await exported(scene, "paying");
  assert.equal(count(events, "ACTIVITY_TASK_CANCEL_REQUESTED"), 1);
  assert.equal(count(events, "WORKFLOW_EXECUTION_CANCELED"), 1);
});

test("every kind of command replays, and their order counts", async () => {
  await using scene = await Scene.open({ definitions: [every, child], memory: true });
  await scene.client.start(child, { kind: "wait" }, { id: "taken" });
  const marks = { id: "every", tags: { kind: "all" }, memo: { since: 2n } } as const;
  const run = await scene.client.start(every, { until: 8 }, marks);
  await scene.drive(until(async () => (await entries(scene, "every", "fired")) === 2));
  await run.signal("go");
  await run.update("add", 1);
  await assert.rejects(run.update("add", -1));
  await assert.rejects(run.update("add", 0));
  const added = run.update("add", 3);
  const report = await scene.drive(run.result());
  assert.equal(await added, 8);
  assert.deepEqual(report["scope"], ["HF-CANCELLED", "HF-CANCELLED"]);

  const events = await exported(scene, "every");
  const missing = EVERY_TYPE.filter((type) => count(events, type) === 0);
  assert.deepEqual(missing, []);
  const swapped = reordered(events, "ACTIVITY_TASK_SCHEDULED", "TIMER_STARTED");
  await assert.rejects(replayed("every", swapped), isViolation);
  for (const [from, to] of [
    ["every.child", "every.infant"],
    ["every-long", "every-short"],
  ] as const) {
    await assert.rejects(replayed("every", changed(events, from, to)), isViolation);
  }
});

const EVERY_TYPE = `
  MARKER_RECORDED UPSERT_WORKFLOW_SEARCH_ATTRIBUTES WORKFLOW_PROPERTIES_MODIFIED
  ACTIVITY_TASK_SCHEDULED ACTIVITY_TASK_STARTED ACTIVITY_TASK_COMPLETED ACTIVITY_TASK_FAILED
  ACTIVITY_TASK_CANCEL_REQUESTED TIMER_STARTED TIMER_FIRED TIMER_CANCELED
  WORKFLOW_EXECUTION_SIGNALED WORKFLOW_EXECUTION_UPDATE_ACCEPTED WORKFLOW_EXECUTION_UPDATE_COMPLETED
  START_CHILD_WORKFLOW_EXECUTION_INITIATED START_CHILD_WORKFLOW_EXECUTION_FAILED
  CHILD_WORKFLOW_EXECUTION_STARTED CHILD_WORKFLOW_EXECUTION_COMPLETED CHILD_WORKFLOW_EXECUTION_FAILED
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED EXTERNAL_WORKFLOW_EXECUTION_SIGNALED
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED
  REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED
  WORKFLOW_EXECUTION_COMPLETED`
  .trim()
  .split(/\s+/u);

test("signals that nobody has taken cross to the next generation", async () => {
  await using scene = await Scene.open({
    definitions: [looping],
    memory: true,
    engine: { historySuggest: 12 },
  });
  const run = await scene.client.start(looping, { rounds: 9 }, { id: "loop" });
  await run.signal("later", 5);
  assert.equal(await scene.drive(run.result()), 5);
  const { generation } = await run.describe();
  assert.ok(generation >= 2);
  for (let at = 0; at <= generation; at += 1) await exported(scene, "loop", at);
});

test("a run that was resumed replays as if it had never failed", async () => {
  await using scene = await Scene.open({ definitions: [failing], memory: true });
  const run = await scene.client.start(failing, undefined, { id: "failing" });
  await assert.rejects(scene.drive(run.result()), /the first time/u);
  const failed = await exported(scene, "failing");
  assert.equal(count(failed, "WORKFLOW_EXECUTION_FAILED"), 1);
  const decision = { actor: "tester", reason: "mended", requestId: "resume-1" };
  await scene.engine.apply([{ kind: "resume", id: "failing", ...decision }]);
  await scene.drive(run.result());
  const events = await exported(scene, "failing");
  assert.equal(count(events, "WORKFLOW_EXECUTION_FAILED"), 0);
});

test("a run that is open, delayed or terminated replays as far as it has come", async () => {
  await using scene = await Scene.open({ definitions: [dca, child], memory: true });
  const late = await scene.client.start(dca, weekly, { id: "late", delay: "3d" });
  await scene.drive(until(async () => (await entries(scene, "late", "done")) === 2));
  await exported(scene, "late");
  await scene.client.start(child, { kind: "wait" }, { id: "ended" });
  await scene.engine.apply([{ kind: "terminate", id: "ended", reason: "enough" }]);
  assert.equal(count(await exported(scene, "ended"), "WORKFLOW_EXECUTION_TERMINATED"), 1);
  await late.cancel();
  await assert.rejects(scene.drive(late.result()), /cancelled/u);
  await exported(scene, "late");
});
