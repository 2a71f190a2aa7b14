// The kill switch against a real process that sends in a tight loop: what arrives at the venue after the halt was
// acknowledged is counted in front of it. Restarts and deploys do not undo it.

import assert from "node:assert/strict";
import { type IncomingMessage, createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { usdc } from "@holdfast/core";
import { openSandbox } from "@holdfast/sandbox";
import type { Program } from "../fixture/program.ts";
import { TestProject } from "../fixture/project.ts";

/** Runs that buy at the same time: no more can be on their way at once. */
const RUNS = 4;
/** What has not come by then will not come. */
const LATE_MS = 30_000;
const ORDERS = JSON.stringify({ amounts: ["10.00"], times: 100_000 });

/** Stands before the venue, and remembers when each order came. */
class Gate implements AsyncDisposable {
  readonly arrivals: number[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #server = createServer((request, response) => {
    const { method, url = "/" } = request;
    if (method === "POST" && url.includes("/trade")) {
      this.arrivals.push(performance.now());
      for (const tell of this.#waiting.splice(0)) tell();
    }
    const sent = forward(new URL(url, this.#venue), { method, headers: headersOf(request) });
    sent.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    sent.on("error", () => response.destroy());
    request.pipe(sent);
  });
  readonly #venue: string;

  constructor(venue: string) {
    this.#venue = venue;
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Until so many more have come. */
  async more(count: number): Promise<void> {
    const wanted = this.arrivals.length + count;
    const late = AbortSignal.timeout(LATE_MS);
    while (this.arrivals.length < wanted) {
      late.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        late.addEventListener("abort", () => {
          resolve();
        });
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string | string[]> {
  const { host: _host, ...rest } = headers;
  return rest as Record<string, string | string[]>;
}

const config = (url: string, guard: string): string =>
  `venue: remote({ baseUrl: "${url}" }), workflows: [buyer]${guard}`;
const FIRST = ', guard: guard({ budgets: "none", duplicates: "off" })';
const SECOND =
  ', guard: guard({ version: 2, budgets: [{ per: "agent", span: "day", limit: "99999.00" }], duplicates: "off", freshness: "off", loss: { drawdown: "off", minBalance: "off" } })';

test("no order leaves after a halt is acknowledged, whatever is started or deployed afterwards", async (t) => {
  await using venue = await openSandbox({ path: ":memory:", grant: usdc("1000000.00") });
  await using gate = new Gate(venue.url);
  const url = await gate.open();
  using project = new TestProject(config(url, FIRST));
  const stage: Stage = { t, gate, project };
  {
    await using program = await serving(stage);
    for (let run = 0; run < RUNS; run += 1)
      await project.run(["start", "test.buyer", ORDERS, "--id", `b${run}`]);
    await gate.more(40);
    await haltByApi(stage);
    await lift(stage);
    await gate.more(20);
    const { code, stdout, stderr } = await project.run(["halt", "--reason", "test", "--json"]);
    assert.equal(code, 0, stderr);
    const { writtenMs, commandMs, by } = JSON.parse(stdout) as Halted;
    assert.equal(by, "process");
    t.diagnostic(`holdfast halt: written in ${writtenMs} ms, acknowledged after ${commandMs} ms`);
    await nothingComes(stage, "after the command");
    program.kill("SIGKILL");
  }
  for (const [what, guard] of [
    ["the same code", FIRST],
    ["another policy", SECOND],
    ["no guard at all", ""],
  ] as const) {
    project.configure(config(url, guard));
    await using program = await serving(stage);
    await nothingComes(stage, what);
    program.kill("SIGKILL");
  }
  await using _program = await serving(stage);
  await lift(stage);
  await gate.more(20);
  const { duplicateEffects } = venue.venue.audit({});
  assert.equal(duplicateEffects, 0);
});

interface Halted {
  readonly writtenMs: number;
  readonly commandMs: number;
  readonly by: string;
}

interface Stage {
  readonly t: TestContext;
  readonly gate: Gate;
  readonly project: TestProject;
}

async function serving({ project }: Stage): Promise<Program> {
  const program = project.start(["serve"]);
  await program.until(/Stop with Ctrl-C/u);
  await project.run(["run", "open-agent/default", "--result", "--wait", "30s"]);
  return program;
}

/** Measures against this process's own clock what still comes after the acknowledgement. */
async function haltByApi(stage: Stage): Promise<void> {
  const { gate, project, t } = stage;
  const { url, token } = project.control();
  const askedAt = performance.now();
  const response = await fetch(`${url}/api/guard/halt`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ scope: "project", actor: "test", reason: "measured" }),
  });
  const acknowledgedAt = performance.now();
  assert.equal(response.status, 200, await response.text());
  await denials(stage, 50);
  const late = gate.arrivals.filter((at) => at > acknowledgedAt);
  // Sent before, they were on their way.
  assert.ok(late.length <= RUNS, `${late.length} came late`);
  const last = Math.max(0, ...late.map((at) => at - acknowledgedAt));
  t.diagnostic(
    `acknowledged ${(acknowledgedAt - askedAt).toFixed(1)} ms after it was asked for; ${late.length} orders on their way, the last one ${last.toFixed(1)} ms after`,
  );
  assert.ok(last < 1_000, `${last} ms`);
}

async function nothingComes(stage: Stage, when: string): Promise<void> {
  const before = stage.gate.arrivals.length;
  await denials(stage, 50);
  assert.equal(stage.gate.arrivals.length, before, when);
}

/** Until the agents have tried so many times more: each time is written down. */
async function denials({ project }: Stage, count: number): Promise<void> {
  const position = async (): Promise<number> => {
    const { url, token } = project.control();
    const headers = { authorization: `Bearer ${token}` };
    const status = (await (await fetch(`${url}/api/guard`, { headers })).json()) as {
      readonly audit: { readonly position: number };
    };
    return status.audit.position;
  };
  const late = AbortSignal.timeout(LATE_MS);
  const wanted = (await position()) + count;
  while ((await position()) < wanted) late.throwIfAborted();
}

async function lift({ project }: Stage): Promise<void> {
  const { code, stderr } = await project.run(["lift", "--reason", "test"]);
  assert.equal(code, 0, stderr);
}
