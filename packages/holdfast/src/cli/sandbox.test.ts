// The paper venue alone on the command line: its options, its faults and its clock from another terminal, and a
// process that dies behind its commit.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { Program } from "../fixture/program.ts";
import { TestProject } from "../fixture/project.ts";

const FREE = ["--port", "0", "--audit-port", "0"];

async function started(project: TestProject, ...args: string[]): Promise<Program> {
  const program = project.start(["sandbox", ...FREE, ...args]);
  await program.until(/Stop with Ctrl-C/u);
  return program;
}

function addressOf(project: TestProject): string {
  const ports = JSON.parse(readFileSync(project.state("ports.json"), "utf8")) as { venue: number };
  return `http://127.0.0.1:${ports.venue}`;
}

async function ok(project: TestProject, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(["sandbox", ...args]);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function refused(project: TestProject, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run(["sandbox", ...args]);
  assert.equal(code, 1, stdout);
  return stderr;
}

describe("holdfast sandbox", () => {
  test("arms, lists and clears faults of a venue that runs", async () => {
    using project = new TestProject();
    await using program = await started(project, "--faults", "nan-price");
    assert.match(program.output, /faults nan-price: a price that is not a number/u);
    const url = addressOf(project);
    assert.match(await (await fetch(`${url}/api/market/prices`)).text(), /"price":NaN/u);
    assert.equal(await ok(project, "faults", "add", "throttle", "count=1"), "Armed fault 2.\n");
    assert.equal((await fetch(`${url}/api/status`)).status, 429);
    const suite = await ok(project, "faults", "suite", "slow-5s", "ms=10", "agent=dca");
    assert.equal(suite, "Armed slow-5s: faults 3.\n");
    const text = await ok(project, "faults", "list");
    assert.match(
      text,
      /^id +kind +parameters +suite +seen +hit\n1 +nan +as=literal +nan-price +1 +1\n2 +throttle/u,
    );
    const listed = JSON.parse(await ok(project, "faults", "list", "--json")) as {
      faults: { rule: object }[];
    };
    assert.deepEqual(listed.faults[2]?.rule, {
      kind: "latency",
      ms: 10,
      when: "before",
      agent: "dca",
    });
    assert.match(await ok(project, "faults", "clear", "2"), /^3 +latency/mu);
    assert.equal(await ok(project, "faults", "clear"), "No faults.\n");
    assert.match(await ok(project, "faults", "suites"), /^partition-30s +seconds=30 +a breaker/mu);
    assert.match(
      await refused(project, "faults", "add", "partial", "operations=balance"),
      /refuses it: .*partial is about open, place-order[\s\S]*HF-SANDBOX-REFUSED/u,
    );
    assert.match(
      await refused(project, "faults", "add", "drop", "often"),
      /fields are name=value/u,
    );
    assert.match(await refused(project, "faults", "suite", "none"), /expected one of drop-after/u);
  });

  test("moves the clock, and says what fell due", async () => {
    using project = new TestProject();
    await using program = await started(project, "--clock", "frozen", "--pairs", "btc,ETH");
    const state = ["--state", ".holdfast"];
    const shown = async (...args: string[]): Promise<{ mode: string; now: number; rate: number }> =>
      JSON.parse(await ok(project, "clock", ...args, "--json", ...state)) as never;
    const before = await shown("show");
    assert.deepEqual([before.mode, before.rate], ["frozen", 0]);
    assert.equal((await shown("advance", "1w")).now, before.now + 604_800_000);
    const to = new Date(before.now + 2 * 604_800_000).toISOString();
    assert.match(
      await ok(project, "clock", "advance", "--to", to),
      new RegExp(`^${to}, frozen`, "u"),
    );
    assert.match(await ok(project, "clock", "scale", "60"), /, scaled \(60 times\)\n$/u);
    assert.match(await refused(project, "clock", "advance", "1h"), /Freeze the clock before/u);
    assert.match(await refused(project, "clock", "advance"), /say how far/u);
    assert.match(await ok(project, "clock", "freeze"), /, frozen\n$/u);
    assert.match(await ok(project, "clock", "real"), /, real\n$/u);
    const url = addressOf(project);
    const { pairs } = (await (await fetch(`${url}/api/market/prices`)).json()) as {
      pairs: { symbol: string }[];
    };
    assert.deepEqual(
      pairs.map(({ symbol }) => symbol),
      ["BTC-PERP", "ETH-PERP"],
    );
    assert.ok(program.pid > 0);
  });

  test("replays a recording, and refuses options that do not fit", async () => {
    using project = new TestProject();
    project.folder.write("ticks.csv", "timestamp,price\n2026-01-05T09:00:00Z,12345.5\n");
    await using program = await started(
      project,
      "--replay",
      "ticks.csv",
      "--replay-start",
      "now",
      "--rate",
      "2",
    );
    assert.match(program.output, /paper venue http/u);
    const { pairs } = (await (await fetch(`${addressOf(project)}/api/market/prices`)).json()) as {
      pairs: { symbol: string; oracle: number }[];
    };
    assert.equal(pairs[0]?.oracle, 12_345.5);
    const clock = JSON.parse(await ok(project, "clock", "show", "--json")) as { rate: number };
    assert.equal(clock.rate, 2);
    using other = new TestProject();
    for (const [args, message] of [
      [["--rate", "2", "--clock", "real"], /--rate is for --clock scaled/u],
      [["--pairs", "DOGE"], /Cannot trade "DOGE"/u],
      [["--faults", "none"], /Cannot arm the suite "none": there are drop-after-commit/u],
      [["--replay", "missing.csv"], /HF-VENUE-REPLAY-INVALID/u],
    ] as const) {
      assert.match(await refused(other, ...FREE, ...args), message);
    }
    assert.match(await refused(other, "clock", "show"), /HF-NOT-RUNNING/u);
  });

  test("dies behind the commit that it is told to, and has it when it is back", async () => {
    using project = new TestProject();
    const ended = await (async () => {
      await using program = await started(project, "--clock", "frozen");
      await ok(project, "faults", "suite", "kill-after-commit", "nth=2");
      const post = poster(addressOf(project));
      const { api_key: key } = (await post("/@faucet/api/register", { name: "a" })) as {
        api_key: string;
      };
      await assert.rejects(post("/api/v1/trade", ORDER, key));
      const { signalCode } = await new Promise<typeof program.child>((resolve) => {
        if (program.child.signalCode !== null) resolve(program.child);
        else program.child.once("exit", () => resolve(program.child));
      });
      return { key, signalCode };
    })();
    assert.equal(ended.signalCode, "SIGKILL");
    await using again = await started(project);
    assert.ok(again.pid > 0);
    const url = addressOf(project);
    const replay = await fetch(`${url}/api/v1/trade`, requestOf(ORDER, ended.key));
    assert.equal(replay.headers.get("idempotent-replayed"), "true");
    const positions = await fetch(`${url}/api/trade/positions`, {
      headers: { authorization: `Bearer ${ended.key}` },
    });
    assert.equal(((await positions.json()) as { positions: unknown[] }).positions.length, 1);
  });
});

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25, client_request_id: "one" };

function requestOf(body: object, key?: string): RequestInit {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
  };
}

function poster(url: string): (path: string, body: object, key?: string) => Promise<unknown> {
  return async (path, body, key) => (await fetch(`${url}${path}`, requestOf(body, key))).json();
}
