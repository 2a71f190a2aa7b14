// kill -9 of a real engine process at each of the 52 steps of a plan, at each of four points; then the same
// command again. Each of the 208 runs must end with exactly 52 purchases, one effect each.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createPurpleFlea } from "@holdfast/purpleflea";
import { type Sandbox, openSandbox } from "@holdfast/sandbox";

const PERIODS = 52;
const WORKER = fileURLToPath(new URL("harness/kill-worker.ts", import.meta.url));
const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const steps = everything ? Array.from({ length: PERIODS }, (_, step) => step) : [0, 26, 51];

/** The four points: before the command is on disk, after the venue's commit, after the answer, after its commit. */
const POINTS = ["before-command", "after-venue", "after-answer", "after-commit"] as const;
type Point = (typeof POINTS)[number];

test(`a plan killed at ${steps.length} steps and ${POINTS.length} points buys each period once`, async (t) => {
  for (const step of steps) {
    await Promise.all(
      POINTS.map((point) =>
        t.test(`step ${step}, ${point}`, async () => {
          await killOnce(step, point);
        }),
      ),
    );
  }
});

async function killOnce(step: number, point: Point): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kill-"));
  // The venue's clock stands still, so that it can hold an answer until the engine is dead.
  const clock = { mode: "frozen", now: 1_767_603_600_000 } as const;
  await using sandbox = await openSandbox({ path: ":memory:", clock });
  try {
    const agent = await register(sandbox);
    const ref = `dca/${step}`;
    const argumentsOf = (kill: string): string[] => [
      WORKER,
      "--journal",
      join(folder, "journal.sqlite"),
      "--venue",
      sandbox.url,
      "--key",
      agent.key,
      ...(kill === "" ? [] : ["--kill", kill]),
    ];
    const first = spawn(process.execPath, argumentsOf(windowOf(point, ref)), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (point === "after-venue") await killAtVenue(sandbox, first, step);
    const [, signal] =
      first.exitCode === null && first.signalCode === null
        ? ((await once(first, "exit")) as [number, string])
        : [0, first.signalCode];
    assert.equal(signal, "SIGKILL", "the engine was to be killed");
    const second = spawn(process.execPath, argumentsOf(""), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = (await Promise.all([text(second), once(second, "exit")])) as [string, unknown];
    assert.deepEqual(JSON.parse(output), { bought: PERIODS, problems: [] });
    const audit = sandbox.venue.audit({ agent: agent.id });
    assert.deepEqual([audit.refs, audit.effects, audit.duplicateEffects], [PERIODS, PERIODS, 0]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Holds the answer to the step's purchase, and kills the engine while it waits for it. */
async function killAtVenue(sandbox: Sandbox, engine: ChildProcess, step: number): Promise<void> {
  sandbox.faults.add({
    kind: "latency",
    when: "after",
    ms: 1_000,
    operations: ["open"],
    nth: step + 1,
    count: 1,
  });
  const exited = once(engine, "exit");
  const held = `${sandbox.controlUrl}/_sandbox/clock/held?count=1&wait=10000`;
  const headers = { authorization: `Bearer ${sandbox.controlToken}` };
  const answer = (await (await fetch(held, { headers })).json()) as { held: unknown[] };
  assert.equal(answer.held.length, 1, "the venue was to hold the answer");
  engine.kill("SIGKILL");
  await exited;
  sandbox.faults.clear();
}

function windowOf(point: Point, ref: string): string {
  switch (point) {
    case "before-command":
      return `commit.before:+${ref}`;
    case "after-venue":
      return "";
    case "after-answer":
      return `attempt.answered:${ref}`;
    case "after-commit":
      return `commit.after:-${ref}`;
  }
}

async function register(sandbox: Sandbox): Promise<{ readonly id: string; readonly key: string }> {
  const client = createPurpleFlea({ baseUrl: sandbox.url });
  const answer = await client.faucet.register({ name: "kill" }, { key: "register" });
  return { id: answer.agent_id, key: answer.api_key };
}

async function text(child: ChildProcess): Promise<string> {
  let all = "";
  for await (const chunk of child.stdout ?? []) all += String(chunk);
  return all;
}
