// How a hosting command ends: drained at the first signal, forced at the second, gone with its parent.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { systemClock } from "@holdfast/engine";
import { TestProject, plan } from "../fixture/project.ts";

const BIN = fileURLToPath(new URL("../../bin/holdfast.mjs", import.meta.url));

/** A fleet with an attempt that never ends. */
const HANGING = `
const hang = activity({ name: "test.hang", input: z.void(), output: z.void(), effect: "none",
  run: () => new Promise((resolve) => { setInterval(() => undefined, 1000); }) });
const hanging = workflow({ name: "test.hanging", input: z.void(), output: z.void(),
  run: async (ctx) => { await ctx.call(hang, undefined); } });`;

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.setTimer(systemClock.now() + ms, resolve);
  });
}

test("one press of Ctrl-C that arrives twice, as it does under npm, stops cleanly", async () => {
  using project = new TestProject(`fleet: [run(hanging, undefined, { id: "h" })]`, HANGING);
  await using program = project.start(["dev"]);
  await program.until(/run h .* is running/u);
  program.kill("SIGINT");
  await wait(100);
  program.kill("SIGINT");
  // The attempt is given its time, and what it left open does not hold the process.
  const { code, stdout, stderr } = await program.ended();
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /Everything acknowledged is on disk/u);
  assert.ok(!existsSync(project.state("control.json")));
});

test("a second signal ends a stop that waits for an attempt", async () => {
  using project = new TestProject(`fleet: [run(hanging, undefined, { id: "h" })]`, HANGING);
  await using program = project.start(["dev"]);
  await program.until(/run h .* is running/u);
  program.kill("SIGTERM");
  await wait(700);
  program.kill("SIGTERM");
  const { code, stdout, stderr } = await program.ended();
  assert.equal(code, 130);
  assert.match(stdout, /Stopping; calls in flight: 1\. Ctrl-C again/u);
  assert.match(stderr, /Forced\. The same command goes on/u);
});

test("--for ends the command by itself, with success", async () => {
  using project = new TestProject(`fleet: [${plan(100)}]`);
  const { code, stdout } = await project.run(["dev", "--for", "1s"]);
  assert.equal(code, 0);
  assert.match(stdout, /Stopped\./u);
  const zero = await project.run(["dev", "--for", "0s"]);
  assert.equal(zero.code, 1);
  assert.match(zero.stderr, /Cannot run for no time at all/u);
});

test("a reader that goes away, as head does, ends it without an error", async () => {
  using project = new TestProject(`fleet: [${plan(100)}]`);
  const child = spawn(process.execPath, [BIN, "dev"], {
    cwd: project.folder.path,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child.stdout, "data");
  child.stdout.destroy();
  const [code] = (await once(child, "close")) as [number];
  assert.deepEqual([code, stderr], [0, ""]);
});

test("an engine that a shim started ends when the shim is killed", async () => {
  using project = new TestProject(`fleet: [${plan(100)}]`);
  const child = spawn(process.execPath, [BIN, "dev"], {
    cwd: project.folder.path,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  await once(child.stdout as NodeJS.ReadableStream, "data");
  child.disconnect();
  await once(child, "exit");
  await using again = project.start(["dev"]);
  await again.until(/^trade /mu);
});

test("a command that a shim started ends by itself, its channel does not hold it", async () => {
  using project = new TestProject();
  const child = spawn(process.execPath, [BIN, "--version"], {
    cwd: project.folder.path,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
});
