// Policies end to end: the real engine, the real client, the paper venue's own faults, and processes that are killed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dca } from "@holdfast/agents";
import {
  type BreakerChange,
  type PoliciesOptions,
  activity,
  provide,
  usdc,
  workflow,
} from "@holdfast/core";
import { openEngine } from "@holdfast/engine";
import { createPurpleFlea, executeTrade, purpleFlea } from "@holdfast/purpleflea";
import { openSandbox } from "@holdfast/sandbox";
import { z } from "zod";
import { weekly } from "./harness/plans.ts";
import { Scene, VIRTUAL_START } from "./harness/scene.ts";

const MINUTE_MS = 60_000;
const WEEK_MS = 168 * 60 * MINUTE_MS;
const WORKER = fileURLToPath(new URL("harness/policy-worker.ts", import.meta.url));

test("a venue that fails for ten minutes is asked a few times, and each purchase is made once", async () => {
  const from = VIRTUAL_START + WEEK_MS;
  const hits = async (policies: object | undefined): Promise<readonly number[]> => {
    const changes: BreakerChange[] = [];
    await using scene = await Scene.open({
      definitions: [dca],
      engine: { policies: policies as never, onBreaker: (change) => changes.push(change) },
      sandbox: {
        faults: [
          {
            kind: "status",
            status: 503,
            operations: ["open"],
            from,
            until: from + 10 * MINUTE_MS,
          },
        ],
      },
    });
    const plans = Array.from({ length: 8 }, (_, n) =>
      scene.client.start(dca, { ...weekly, periods: 2 }, { id: `dca-${n}` }),
    );
    const runs = await Promise.all(plans);
    const reports = await scene.drive(Promise.all(runs.map((run) => run.result())));
    assert.deepEqual(
      reports.map(({ bought }) => bought),
      runs.map(() => 2),
    );
    const audit = scene.audit();
    assert.deepEqual([audit.refs - 1, audit.duplicateEffects], [16, 0]);
    const [fault] = scene.sandbox.faults.list();
    return [fault?.hits ?? 0, changes.filter(({ to }) => to === "open").length];
  };
  const [bare = 0] = await hits(undefined);
  const [bounded = 0, opened = 0] = await hits({});
  assert.ok(bare > 40, `without a breaker the venue was asked ${bare} times`);
  assert.ok(bounded <= 8 + 10, `with one, ${bounded} times`);
  assert.ok(opened >= 2 && opened <= 10, `it opened ${opened} times`);
});

/** A server of one answer, which counts what it is asked. */
async function serving(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const reading = activity({
  name: "policies.read",
  input: z.void(),
  output: z.number(),
  effect: "none",
  uses: { venue: purpleFlea },
  timeouts: { attempt: "300ms", total: "300ms" },
  run: async (_input, a) => (await a.use(purpleFlea).market.prices()).length,
});

const one = workflow({
  name: "policies.one",
  input: z.void(),
  output: z.number(),
  run: (ctx) => ctx.call(reading, undefined),
});

test("400, 401, 403, 404 and 422 are asked once, and open no breaker", async () => {
  for (const status of [400, 401, 403, 404, 422]) {
    let asked = 0;
    await using venue = await serving((_request, response) => {
      asked += 1;
      response.writeHead(status, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ code: "no", detail: "No." }));
    });
    await using engine = await openEngine({
      path: ":memory:",
      definitions: [one],
      resources: [
        provide(purpleFlea, () => createPurpleFlea({ baseUrl: venue.url, apiKey: "pf_sandbox_x" })),
      ],
      policies: { purpleflea: { breaker: { failures: 1 } } },
    });
    const run = await engine.client.start(one, undefined, { id: "one" });
    await assert.rejects(run.result(), { disposition: "refused" }, `${status}`);
    assert.equal(asked, 1, `${status}`);
    const open = (await engine.breakers()).filter(({ mode }) => mode !== "closed");
    assert.deepEqual(open, [], `${status}`);
  }
});

test("a request ends with its attempt, and an attempt with its total", async () => {
  const cut = Promise.withResolvers<void>();
  await using venue = await serving((request) => {
    request.on("close", cut.resolve);
  });
  await using engine = await openEngine({
    path: ":memory:",
    definitions: [one],
    resources: [
      provide(purpleFlea, () => createPurpleFlea({ baseUrl: venue.url, apiKey: "pf_sandbox_x" })),
    ],
  });
  const run = await engine.client.start(one, undefined, { id: "one" });
  await assert.rejects(run.result(), { code: "HF-TOTAL-EXCEEDED" });
  // The client's own time-out is half a minute: nothing but the attempt's signal cuts it now.
  await cut.promise;
});

test("kill -9 with an open breaker: the next process sends nothing before it has cooled", async () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-policy-"));
  await using sandbox = await openSandbox({ path: ":memory:" });
  try {
    const raw = createPurpleFlea({ baseUrl: sandbox.url });
    const { api_key: key } = await raw.faucet.register(
      { name: "policy" },
      { key: "policy-register", ref: "policy/register" },
    );
    const fault = sandbox.faults.add({ kind: "status", status: 503, operations: ["prices"] });
    const start = () => {
      const args = [WORKER, "--journal", join(folder, "journal.sqlite"), "--venue", sandbox.url];
      const child = spawn(process.execPath, [...args, "--key", key], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async (): Promise<Record<string, unknown>> =>
        JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
      return { child, next };
    };
    const first = start();
    const opened = await first.next();
    assert.equal(opened["to"], "open");
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const hits = (): number => sandbox.faults.list().find(({ id }) => id === fault)?.hits ?? 0;
    assert.equal(hits(), 2);
    const second = start();
    const probing = await second.next();
    assert.equal(probing["to"], "half-open");
    assert.ok(Number(probing["at"]) >= Number(opened["openUntil"]), "the cooling time was kept");
    const met = hits();
    sandbox.faults.clear(fault);
    let last = await second.next();
    while (last["prices"] === undefined) last = await second.next();
    assert.ok(Number(last["prices"]) > 0);
    await once(second.child, "exit");
    assert.ok(met <= 3, "one probe at most met the fault");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const bursts = workflow({
  name: "policies.bursts",
  input: z.number(),
  output: z.number(),
  run: async (ctx, orders) => {
    for (let n = 0; n < orders; n += 1)
      await ctx.call(executeTrade, { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("10") });
    return orders;
  },
});

test("an agent that trades in bursts earns no 429 where the venue's answers say what is left", async () => {
  const throttled = async (policies: PoliciesOptions | undefined, agents: number) => {
    const statuses: number[] = [];
    const counting: typeof fetch = async (...request) => {
      const answer = await fetch(...request);
      statuses.push(answer.status);
      return answer;
    };
    await using scene = await Scene.open({
      definitions: [bursts],
      sandbox: { rateLimits: { trade: { perMinute: 30, burst: 3 } } },
      resources: (at) => [
        provide(purpleFlea, () =>
          createPurpleFlea({ baseUrl: at.sandbox.url, apiKey: at.apiKey, fetch: counting }),
        ),
      ],
      engine: { policies },
    });
    const runs = await Promise.all(
      Array.from({ length: agents }, (_, n) => scene.client.start(bursts, 4, { id: `burst-${n}` })),
    );
    await scene.drive(Promise.all(runs.map((run) => run.result())));
    const audit = scene.audit();
    assert.deepEqual([audit.refs - 1, audit.duplicateEffects], [4 * agents, 0]);
    assert.equal(statuses.filter((status) => status === 201 || status === 200).length, 4 * agents);
    return statuses.filter((status) => status === 429).length;
  };
  assert.ok((await throttled(undefined, 1)) > 0, "the venue has a limit, and nothing knows of it");
  assert.equal(await throttled({}, 1), 0);
  // Calls that are at the venue at once know nothing of each other's answers.
  assert.equal(await throttled({ purpleflea: { concurrency: 1 } }, 3), 0);
});
