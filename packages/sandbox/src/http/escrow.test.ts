// Escrows and jobs over HTTP: the guides' own requests, unmodified; the extensions; what is told to whom; and the
// control that decides disputes.

import assert from "node:assert/strict";
import { request } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import {
  EscrowResponse,
  EscrowsResponse,
  JobResponse,
  JobsResponse,
} from "@holdfast/purpleflea/wire";
import type { Sandbox } from "../sandbox.ts";
import {
  HOUR_MS,
  START,
  type TestAgent,
  call,
  control,
  openTestSandbox,
  registerAgent,
  testFolder,
} from "../fixture/kit.ts";

describe("the first guide", () => {
  test("creates an escrow for a counterparty under a condition, and releases it by its id", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    const payee = await registerAgent(sandbox, "payee");
    const created = await payer.post("/api/v1/escrow/create", {
      amount_usd: 100.0,
      counterparty: payee.id,
      condition: "report delivered",
      client_request_id: "wf-1/create",
    });
    assert.equal(created.status, 201);
    assert.equal(typeof created.body.escrow_id, "string");
    EscrowResponse.parse(created.body);
    const release = { escrow_id: created.body.escrow_id };
    const released = await payer.post("/api/v1/escrow/release", release);
    assert.deepEqual([released.status, released.body.status], [200, "released"]);
    // Idempotent: safe to retry, also without a key.
    const again = await payer.post("/api/v1/escrow/release", release);
    assert.deepEqual([again.status, again.body], [200, released.body]);
    assert.equal((await payee.get("/api/wallet/balance")).body.usdc, 10_099);
    const { transactions } = (await payer.get("/api/wallet/transactions")).body;
    const change = transactions.reduce(
      (sum: bigint, one: { amount_micros: string }) => sum + BigInt(one.amount_micros),
      0n,
    );
    assert.equal(change, 9_900_000_000n, "transactions add up to the balance");
  });
});

describe("the third and fourth guides", () => {
  test("lock money on the escrow's own host, and release it by path with an empty body", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    const payload = {
      to: "data_provider_agent",
      amount: 5.0,
      description: "Payment for daily market data feed 2026-03-07",
      referrer: "dagster_orchestration_layer",
    };
    const locked = await posted(sandbox, payer, "/api/escrow", JSON.stringify(payload));
    assert.equal(locked["status"], "locked");
    const id = String(locked["escrow_id"]);
    const released = await posted(sandbox, payer, `/api/escrow/${id}/release`, "");
    assert.equal(released["status"], "released");
    assert.match(String(released["tx_hash"]), /^0x[0-9a-f]{64}$/u);
    assert.deepEqual(
      ["amount_usdc", "fee_usdc", "referral_usdc", "net_usdc"].map((name) => released[name]),
      [5, 0.05, 0, 4.95],
    );
  });

  test("give a referrer that is an agent its 15 % of the fee", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    const referrer = await registerAgent(sandbox, "referrer");
    const payload = { to: "x", amount: 5.0, description: "d", referrer: referrer.id };
    const { body } = await payer.post("/@escrow/api/escrow", payload);
    await payer.post(`/@escrow/api/escrow/${body.escrow_id}/release`);
    assert.equal((await referrer.get("/api/wallet/balance")).body.usdc_micros, "10000007500");
  });

  test("find out how to dispute on a page that is open to everybody", async () => {
    await using sandbox = await openTestSandbox();
    const { status, text } = await call(`${sandbox.url}/@escrow/dispute`);
    assert.equal(status, 200);
    assert.match(text, /\/api\/escrow\/\{escrow_id\}\/dispute/u);
  });
});

/** A POST to the escrow's host, by its Host header. */
function posted(
  sandbox: Sandbox,
  { apiKey, id }: TestAgent,
  path: string,
  body: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { hostname, port } = new URL(sandbox.url);
  const headers = {
    host: "escrow.purpleflea.com",
    authorization: `Bearer ${apiKey}`,
    "x-agent-id": id,
    "content-type": "application/json",
  };
  // fetch sets Host itself: a raw request plays the other host.
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => {
        resolve(JSON.parse(text) as Readonly<Record<string, unknown>>);
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("escrows over HTTP", () => {
  test("are completed, disputed, given back, read and listed, in both spellings", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    const payee = await registerAgent(sandbox, "payee");
    const stranger = await registerAgent(sandbox, "stranger");
    const create = async (): Promise<string> => {
      const payload = { to: payee.id, amount: "1.5", description: "d", timeout_hours: 1 };
      return (await payer.post("/@escrow/api/escrow", payload)).body.escrow_id;
    };
    const [a, b, c, d] = [await create(), await create(), await create(), await create()];
    const own = (id: string, action: string): string => `/@escrow/api/escrow/${id}/${action}`;
    const statuses = [
      (await payee.post(own(a, "complete"))).body.status,
      (await payee.post("/api/v1/escrow/complete", { escrow_id: b })).body.status,
      (await payer.post(own(a, "dispute"), { reason: "late" })).body.status,
      (await payee.post("/api/v1/escrow/dispute", { escrow_id: b })).body.status,
      (await payee.post(own(c, "refund"))).body.status,
      (await payee.post("/api/v1/escrow/refund", { escrow_id: d })).body.status,
    ];
    const wanted = ["completed", "completed", "disputed", "disputed", "refunded", "refunded"];
    assert.deepEqual(statuses, wanted);
    const read = await payee.get(`/@escrow/api/escrow/${a}`);
    assert.equal(EscrowResponse.parse(read.body).reason, "late");
    assert.deepEqual((await payer.get(`/api/v1/escrow/${a}`)).body, read.body);
    assert.equal((await stranger.get(`/api/v1/escrow/${a}`)).status, 404);
    const listed = async (agent: TestAgent, query: string): Promise<readonly string[]> => {
      const { body } = await agent.get(`/@escrow/api/escrow?${query}`);
      return EscrowsResponse.parse(body).escrows.map((one) => one.escrow_id);
    };
    assert.deepEqual(await listed(payer, ""), [d, c, b, a]);
    assert.deepEqual(await listed(payee, "status=disputed&role=payee"), [b, a]);
    assert.deepEqual(await listed(payee, "role=payer"), []);
    assert.deepEqual(await listed(payer, "status=funded&limit=1"), []);
    assert.equal((await payer.get("/api/v1/escrow?status=gone")).status, 422);
  });

  test("keep the payer's ref to the payer", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    const payee = await registerAgent(sandbox, "payee");
    const order = { worker: payee.id, amount: 1, spec: "", ref: "secret/1" };
    const { body } = await payer.post("/api/jobs", order);
    const id = body.escrow_id;
    assert.equal((await payer.get(`/@escrow/api/escrow/${id}`)).body.ref, "secret/1");
    const delivery = { result_hash: "0x1", delivery_uri: "u" };
    await payee.post(`/api/jobs/${body.job_id}/deliver`, delivery);
    await payer.post(`/@escrow/api/escrow/${id}/release`, { ref: "secret/2" });
    const paths = [`/api/jobs/${body.job_id}`, `/@escrow/api/escrow/${id}`, "/@escrow/api/escrow"];
    for (const path of [...paths, "/api/jobs", "/api/wallet/transactions"]) {
      const { status, text } = await payee.get(path);
      assert.equal(status, 200);
      assert.ok(!text.includes("secret"), path);
    }
  });

  test("refuse what is malformed, and a dialect's 409 shows the original", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    for (const wrong of [
      { amount: 5 },
      { to: "x" },
      { to: "x", amount: -1 },
      { to: "x", amount: 0.0000001 },
      { to: "x", amount: 1, timeout_hours: 721 },
      { to: "x", amount: 1, timeout_hours: 0 },
      { to: "x", amount: 1, deadline: "soon" },
      { to: "x", counterparty: "y", amount: 1 },
    ]) {
      const { status, body } = await payer.post("/@escrow/api/escrow", wrong);
      assert.deepEqual([status, body.code], [422, "invalid_request"], JSON.stringify(wrong));
    }
    assert.equal((await payer.post("/@escrow/api/escrow/%ff/release")).status, 400);
    const keyed = { to: "x", amount: 1, idempotency_key: "k" };
    const first = await payer.post("/@escrow/api/escrow", keyed);
    const second = await payer.post("/@escrow/api/escrow", keyed);
    assert.deepEqual([second.status, second.body.escrow_id], [409, first.body.escrow_id]);
  });

  test("take an exact deadline, and are found again when the venue is opened again", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const deadline = new Date(START + HOUR_MS).toISOString();
    let id: string;
    let payer: TestAgent;
    {
      await using sandbox = await openTestSandbox({ path });
      payer = await registerAgent(sandbox);
      const payload = { to: "x", amount: 1, deadline };
      ({ escrow_id: id } = (await payer.post("/@escrow/api/escrow", payload)).body);
    }
    const clock = { mode: "frozen", now: START + HOUR_MS } as const;
    await using sandbox = await openTestSandbox({ path, clock });
    const { body } = await call(`${sandbox.url}/@escrow/api/escrow/${id}`, {
      headers: { authorization: `Bearer ${payer.apiKey}` },
    });
    assert.deepEqual([body.status, body.ended_by, body.deadline], ["refunded", "expiry", deadline]);
  });

  test("are decided by the control, and by nobody's API key", async () => {
    await using sandbox = await openTestSandbox();
    const payer = await registerAgent(sandbox);
    const { body } = await payer.post("/@escrow/api/escrow", { to: "x", amount: 10 });
    const path = `/escrow/${body.escrow_id}/resolve`;
    const split = { decision: "split", payee_amount: "4" };
    assert.equal((await control(sandbox, path, { body: split })).body.code, "escrow_state");
    await payer.post(`/@escrow/api/escrow/${body.escrow_id}/dispute`);
    const headers = { authorization: `Bearer ${payer.apiKey}` };
    assert.equal((await control(sandbox, path, { body: split, headers })).status, 401);
    assert.equal((await control(sandbox, path, { body: { decision: "keep" } })).status, 422);
    const decided = await control(sandbox, path, { body: split });
    assert.deepEqual([decided.status, decided.body.status], [200, "split"]);
    assert.equal((await payer.get("/api/wallet/balance")).body.usdc, 9_996);
    const unknown = await control(sandbox, "/escrow/none/resolve", { body: split });
    assert.equal(unknown.body.code, "unknown_escrow");
  });
});

test("jobs are posted, taken, delivered, failed, cancelled, read and listed over HTTP", async () => {
  await using sandbox = await openTestSandbox();
  const payer = await registerAgent(sandbox);
  const worker = await registerAgent(sandbox, "worker");
  const post = async (): Promise<string> => {
    const order = { to: worker.id, amount: 2, spec: "a report", deadline: START + HOUR_MS };
    const { status, body } = await payer.post("/api/jobs", order);
    assert.equal(status, 201);
    return JobResponse.parse(body).job_id;
  };
  const [a, b, c] = [await post(), await post(), await post()];
  assert.equal((await worker.post(`/api/jobs/${a}/take`)).body.status, "taken");
  const result = { result_hash: "0x1", delivery_uri: "https://example.com/1" };
  const delivered = (await worker.post(`/api/jobs/${a}/deliver`, result)).body;
  assert.deepEqual([delivered.status, delivered.escrow_status], ["completed", "completed"]);
  assert.equal((await worker.post(`/api/jobs/${b}/fail`, { reason: "r" })).body.reason, "r");
  assert.equal((await payer.post(`/api/jobs/${c}/cancel`)).body.status, "cancelled");
  const { escrow_id: escrow } = (await payer.get(`/api/jobs/${a}`)).body;
  await payer.post(`/@escrow/api/escrow/${escrow}/release`);
  assert.equal((await worker.get(`/api/jobs/${a}`)).body.escrow_status, "released");
  const listed = JobsResponse.parse((await worker.get("/api/jobs")).body).jobs;
  assert.deepEqual(
    listed.map(({ job_id: id }) => id),
    [c, b, a],
  );
  const failed = (await payer.get("/api/jobs?status=failed")).body;
  assert.equal(JobsResponse.parse(failed).jobs.length, 1);
  const unknown = await payer.post("/api/jobs", { worker: "x", amount: 1, spec: "" });
  assert.equal(unknown.body.code, "unknown_worker");
  assert.equal((await payer.get("/api/jobs/none")).body.code, "unknown_job");
});

test("both sides hear of everything, the referrer of its share, and wallets of their balances", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  const names = new Map<string, string>();
  {
    await using sandbox = await openTestSandbox({ path });
    const payer = await registerAgent(sandbox);
    const payee = await registerAgent(sandbox, "payee");
    const referrer = await registerAgent(sandbox, "referrer");
    for (const [name, { id }] of Object.entries({ payer, payee, referrer })) names.set(id, name);
    const order = { worker: payee.id, amount: 100, spec: "", referrer: referrer.id };
    const { body } = await payer.post("/api/jobs", order);
    const result = { result_hash: "0x1", delivery_uri: "u" };
    await payee.post(`/api/jobs/${body.job_id}/deliver`, result);
    await payer.post("/api/v1/escrow/dispute", { escrow_id: body.escrow_id });
    await sandbox.venue.advanceTo(START + 24 * HOUR_MS);
    await payer.post("/api/jobs", { worker: payee.id, amount: 1, spec: "", timeout_hours: 1 });
    await sandbox.venue.advanceTo(START + 48 * HOUR_MS);
  }
  using database = new DatabaseSync(path);
  const events = database
    .prepare(
      `SELECT agent, type, payload FROM outbox
       WHERE command IN (SELECT id FROM command WHERE operation <> 'register') ORDER BY id`,
    )
    .all()
    .map((row) => ({
      line: `${names.get(String(row["agent"])) ?? "?"} ${String(row["type"])}`,
      payload: JSON.parse(String(row["payload"])) as Readonly<Record<string, unknown>>,
    }));
  assert.deepEqual(
    events.map(({ line }) => line),
    [
      "payer job.posted",
      "payee job.posted",
      "payer escrow.created",
      "payee escrow.created",
      "payer wallet.balance_changed",
      "payee job.completed",
      "payer job.completed",
      "payer escrow.completed",
      "payee escrow.completed",
      "payer escrow.disputed",
      "payee escrow.disputed",
      "payer escrow.released",
      "payee escrow.released",
      "referrer escrow.released",
      "payee wallet.balance_changed",
      "referrer wallet.balance_changed",
      "payer job.posted",
      "payee job.posted",
      "payer escrow.created",
      "payee escrow.created",
      "payer wallet.balance_changed",
      "payer escrow.refunded",
      "payee escrow.refunded",
      "payer job.failed",
      "payee job.failed",
      "payer wallet.balance_changed",
    ],
  );
  const share = events.find(({ line }) => line === "referrer escrow.released")?.payload;
  assert.deepEqual([share?.["amount_usdc"], share?.["referral_usdc"]], [100, 0.15]);
  const failed = events.find(({ line }) => line === "payer job.failed")?.payload;
  assert.deepEqual([typeof failed?.["job_id"], failed?.["reason"]], ["string", "deadline"]);
});
