// A real process that runs short of something: what it refuses, what it says, what it goes on with, and how it ends.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Program } from "../fixture/program.ts";
import { TestProject } from "../fixture/project.ts";

const NOTIFY = new URL("../notify.ts", import.meta.url).href;

/** A workflow that uses up what it is told to, as often as it is told. */
const USING = `
import { appendFileSync, openSync, closeSync } from "node:fs";
import { channel } from "${NOTIFY}";
const kept = [];
const opened = [];
const MIB = 1024 * 1024;
const use = {
  // Until so much is resident, whatever the process had before.
  memory: (mib) => { while (process.memoryUsage.rss() < mib * MIB) kept.push(Buffer.alloc(MIB, 1)); },
  forever: () => { for (;;); },
  loop: (ms) => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); },
  files: (count) => {
    for (const one of opened.splice(0)) closeSync(one);
    try { while (opened.length < count) opened.push(openSync("/dev/null")); } catch {}
  },
};
const using = activity({
  name: "test.using", input: z.object({ what: z.string(), much: z.number() }), output: z.string(), effect: "none",
  run: ({ what, much }) => { use[what](much); return what; },
});
const user = workflow({
  name: "test.user", input: z.string(), output: z.string(),
  signals: { use: z.object({ what: z.string(), much: z.number(), times: z.number().default(1) }), end: z.string() },
  queries: { used: z.number() },
  run: async (ctx) => {
    const wanted = [];
    let word;
    let used = 0;
    ctx.onSignal("use", (one) => { for (let n = 0; n < one.times; n += 1) wanted.push(one); });
    ctx.onSignal("end", (given) => { word = given; });
    ctx.onQuery("used", () => used);
    for (;;) {
      await ctx.until(() => wanted.length > 0 || word !== undefined);
      const next = wanted.shift();
      if (next === undefined) return word ?? "";
      await ctx.call(using, { what: next.what, much: next.much });
      used += 1;
    }
  },
});
const ear = channel({
  name: "ear",
  send: async ({ state, title }) => { appendFileSync("ear.txt", state + " " + title + "\\n"); },
});
`;

const FLEET = `fleet: [run(user, "", { id: "user" })], workflows: [...testWorkflows], notify: { channels: [ear] }`;

/** Nothing but what a test is about. */
const REST = {
  memory: false,
  heap: false,
  loopLag: false,
  disk: false,
  descriptors: false,
  frozen: false,
};

function projectWith(watch: object, before = ""): TestProject {
  const limits = JSON.stringify({ ...REST, every: "100ms", ...watch });
  return new TestProject(`watch: ${limits}, ${FLEET}`, USING + before);
}

async function ready(project: TestProject, program: Program): Promise<void> {
  await program.until(/holdfast serve runs/u);
  for (;;) {
    const { stdout } = await project.run(["runs", "--status", "open", "--json"]);
    if (stdout.includes('"user"')) return;
  }
}

async function use(project: TestProject, what: string, much: number, times = 1): Promise<void> {
  const payload = JSON.stringify({ what, much, times });
  const { code, stderr } = await project.run(["signal", "user", "use", payload]);
  assert.equal(code, 0, stderr);
}

function start(project: TestProject, id: string) {
  return project.run(["start", "test.gate", "--id", id]);
}

async function assertHeld(project: TestProject, id: string): Promise<void> {
  const { code, stderr } = await start(project, id);
  assert.equal(code, 1);
  assert.match(stderr, /begins no run until that is better/u);
  assert.match(stderr, /HF-OVERLOADED/u);
}

async function untilTold(project: TestProject, pattern: RegExp): Promise<string> {
  const file = project.folder.join("ear.txt");
  for (;;) {
    const told = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (pattern.test(told)) return told;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

test("memory: starts are held, then calls wait, then the process ends with 75 and the next one goes on", async () => {
  const memory = { limit: "480MiB", hold: 0.6, shed: 0.75, stop: 0.9 };
  using project = projectWith({ memory, patience: "500ms" });
  const program = project.start(["serve"]);
  await using _ = program;
  await ready(project, program);
  assert.equal((await start(project, "before")).code, 0);

  await use(project, "memory", 320);
  await program.until(/warn: Short of memory: \d+\.\d MiB of 480\.0 MiB\. No run begins/u);
  await assertHeld(project, "held");
  const doctor = await project.run(["doctor"]);
  assert.match(doctor.stdout, /warn +process, memory: \d+\.\d MiB of 480\.0 MiB: no run begins/u);
  const { url } = project.control();
  assert.deepEqual(await (await fetch(`${url}/health`)).json(), { status: "held" });
  // What runs goes on, and people are told though no run begins.
  await untilTold(project, /raised .*Short of memory/u);

  await use(project, "memory", 390);
  await program.until(/warn: Short of memory: .*calls without money wait/u);
  await use(project, "memory", 450);
  const { code, stderr } = await program.ended();
  assert.equal(code, 75, stderr);
  assert.match(stderr, /error: Short of memory: .*Over the hard limit/u);
  assert.match(stderr, /error: Short of memory for 500 ms: .*ends with code 75/u);
  assert.equal(stderr.match(/No run begins until/gu)?.length, 1, "each level is said once");

  const next = project.start(["serve"]);
  await using __ = next;
  await ready(project, next);
  assert.equal((await start(project, "held")).code, 0, "nothing of the refused start was left");
  const { stdout } = await project.run(["runs", "--status", "open", "--json"]);
  for (const id of ["before", "held", "user"]) assert.match(stdout, new RegExp(`"${id}"`, "u"));
  // The episode is over with the process.
  const told = await untilTold(project, /over .*Short of memory/u);
  assert.match(told, /raised .*Short of memory: 4\d\d/u);
  assert.deepEqual(await verifyJournal(project), []);
});

async function verifyJournal(project: TestProject): Promise<readonly string[]> {
  const { stdout } = await project.run(["doctor", "--json"]);
  const { findings } = JSON.parse(stdout) as {
    findings: { about: string; level: string; says: string }[];
  };
  return findings.filter(({ level }) => level === "problem").map(({ says }) => says);
}

test("a loop that is blocked again and again ends the process with 75", async () => {
  const loopLag = { hold: "300ms", shed: "500ms", stop: "700ms" };
  using project = projectWith({ loopLag, patience: "1s" });
  const program = project.start(["serve"]);
  await using _ = program;
  await ready(project, program);
  await use(project, "loop", 900, 20);
  const { code, stderr } = await program.ended();
  assert.equal(code, 75, stderr);
  assert.match(stderr, /error: Short of event loop: lets others wait .*Over the hard limit/u);
});

test("a loop that was blocked once holds starts, and takes them again", async () => {
  using project = projectWith({ loopLag: { hold: "300ms", shed: false, stop: false } });
  const program = project.start(["serve"]);
  await using _ = program;
  await ready(project, program);
  await use(project, "loop", 900);
  await program.until(/warn: Short of event loop: lets others wait/u);
  await assertHeld(project, "held");
  await program.until(/info: Enough event loop again/u);
  assert.equal((await start(project, "held")).code, 0);
});

async function isQuarantined(project: TestProject): Promise<boolean> {
  return /quarantined/u.test((await project.run(["dead", "list"])).stdout);
}

test("a loop that never comes back is killed each time, until its call is in quarantine", async () => {
  using project = projectWith({ frozen: "2s" });
  let kills = 0;
  for (;;) {
    const program = project.start(["serve"]);
    await using _ = program;
    await program.until(/holdfast serve runs/u);
    if (kills === 0) {
      await ready(project, program);
      // Nobody answers it: the call that it leads to begins first.
      await project.run(["signal", "user", "use", JSON.stringify({ what: "forever", much: 0 })]);
    } else if (kills > 1 && (await isQuarantined(project))) break;
    const { code, stderr } = await program.ended();
    assert.equal(code, null, "killed");
    assert.match(stderr, /error: The event loop has stood still for 2 s/u);
    kills += 1;
    assert.ok(kills < 6, "it is never put in quarantine");
  }
  assert.ok(kills > 1);
});

const isLinux = process.platform === "linux";

test(
  "descriptors: the process's own limit counts, also when none is left",
  { skip: !isLinux },
  async () => {
    const descriptors = { hold: 0.6, shed: 0.8, stop: 0.95 };
    using project = projectWith({ descriptors, patience: "500ms" });
    const limited = project.folder.write(
      "node-limited",
      `#!/bin/sh\nulimit -n 200\nexec "${process.execPath}" "$@"\n`,
    );
    chmodSync(limited, 0o755);
    const program = project.start(["serve"], { node: limited });
    await using _ = program;
    await ready(project, program);
    await use(project, "files", 110);
    await program.until(/warn: Short of file descriptors: \d+ of 200\. No run begins/u);
    await assertHeld(project, "held");
    await use(project, "files", 0);
    await program.until(/info: Enough file descriptors again/u);
    assert.equal((await start(project, "held")).code, 0);
    await use(project, "files", 1_000);
    const { code, stderr } = await program.ended();
    assert.equal(code, 75, stderr);
    assert.match(stderr, /error: Short of file descriptors: (?:199|200) of 200/u);
  },
);

/** True where a small file system of its own can be had. */
function mounts(path: string): boolean {
  if (!isLinux || process.getuid?.() !== 0) return false;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", path]);
    return true;
  } catch {
    return false;
  }
}

test("disk: a full one holds starts, loses nothing, and goes on when there is space", async (t) => {
  using project = projectWith({ disk: { hold: "8MiB", shed: "4MiB" } });
  const state = project.state("");
  mkdirSync(state, { recursive: true });
  if (!mounts(state)) {
    t.skip("no small file system can be mounted");
    return;
  }
  try {
    const ballast = (name: string, mib: number): void => {
      writeFileSync(project.state(name), Buffer.alloc(mib * 2 ** 20));
    };
    const program = project.start(["serve"]);
    await using _ = program;
    await ready(project, program);
    assert.equal((await start(project, "before")).code, 0);
    ballast("one", freeMib(state) - 6);
    await program.until(/warn: Short of disk: [\d.]+ MiB free under .*No run begins/u);
    await assertHeld(project, "held");
    ballast("two", freeMib(state) - 2);
    await program.until(/warn: Short of disk: [\d.]+ MiB free .*calls without money wait/u);
    assert.throws(() => ballast("three", 8), /ENOSPC/u);
    // Whoever is told that it was done finds it done.
    const sent = await project.run(["signal", "user", "end", JSON.stringify("x".repeat(60_000))]);
    for (const name of ["one", "two", "three"]) rmSync(project.state(name));
    await program.until(/info: Enough disk again: [\d.]+ MiB free/u);
    for (;;) {
      const again = await start(project, "held");
      if (again.code === 0) break;
      assert.match(again.stderr, /HF-STATE-FULL|HF-OVERLOADED|HF-STORE-FAILED/u);
    }
    if (sent.code !== 0) assert.match(sent.stderr, /HF-STATE-FULL|HF-STORE-FAILED|HF-ENGINE/u);
    const { stdout } = await project.run(["runs", "--json"]);
    for (const id of ["before", "held", "user"]) assert.match(stdout, new RegExp(`"${id}"`, "u"));
    const user = await project.run(["run", "user", "--json"]);
    assert.match(user.stdout, sent.code === 0 ? /"completed"/u : /"running"/u);
    program.kill("SIGTERM");
    assert.equal((await program.ended()).code, 0);
  } finally {
    execFileSync("umount", [state]);
  }
});

function freeMib(path: string): number {
  const line = execFileSync("df", ["-Pk", path], { encoding: "utf8" }).trim().split("\n").at(-1);
  return Math.floor(Number(line?.split(/\s+/u)[3]) / 1_024);
}
