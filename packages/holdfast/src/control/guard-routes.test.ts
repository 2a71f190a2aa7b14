// The guard's routes over real HTTP and a real engine: what they refuse, an engine without a guard, and the page of an
// approval behind a public address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activity, decode, guard, usdc, workflow } from "@holdfast/core";
import { openEngine, systemClock, temporalHistory } from "@holdfast/engine";
import { z } from "zod";
import { type Answered, send } from "../fixture/request.ts";
import { approvalLinks } from "../host/approval-link.ts";
import { openControl } from "./server.ts";

const LINK_BASE = "https://ops.example.com/holdfast";

const pay = activity({
  name: "test.pay",
  input: z.string(),
  output: z.string(),
  effect: "money",
  timeouts: { total: "5m" },
  guard: (to) => ({
    operation: "pay",
    kind: "open",
    detail: "<rent>",
    amount: usdc("90.00"),
    counterparty: to,
  }),
  run: (to) => `paid ${to}`,
});

const payer = workflow({
  name: "test.payer",
  input: z.string(),
  output: z.string(),
  run: async (ctx, to) => ctx.call(pay, to),
});

async function scene(guarded = true) {
  await using stack = new AsyncDisposableStack();
  const engine = stack.use(
    await openEngine({
      path: ":memory:",
      definitions: [payer],
      guard: guard({ budgets: "none", approval: { above: "50.00" } }),
    }),
  );
  const links = approvalLinks("secret", () => LINK_BASE);
  const { url, token } = stack.use(
    await openControl({
      engine,
      temporalHistory: (id, generation) => temporalHistory(engine, id, generation),
      workflows: [payer],
      clock: systemClock,
      accounts: ["default"],
      venue: { url: "http://127.0.0.1:4100", mode: "paper", auditUrl: undefined },
      links,
      linkBase: LINK_BASE,
      drainable: engine,
      ...(guarded ? { guard: engine.guard } : {}),
    }),
  );
  const authorization = `Bearer ${token}`;
  const post = (path: string, body: object): Promise<Answered> =>
    send(`${url}${path}`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const all = stack.move();
  return {
    engine,
    url,
    links,
    post,
    get: (path: string) => send(`${url}${path}`, { headers: { authorization } }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const by = { actor: "ann", reason: "a test" };

test("an engine without a guard says so, and nothing else", async () => {
  await using it = await scene(false);
  const answers = [
    await it.get("/api/guard"),
    await it.get("/api/audit/verify"),
    await it.post("/api/guard/halt", by),
    await it.post("/api/approvals/abc", { ...by, approved: true }),
  ];
  for (const { status, body } of answers)
    assert.deepEqual([status, body["code"]], [422, "HF-GUARD-ABSENT"]);
  assert.equal((await send(`${it.url}/approve/abc?sign=x`)).status, 404);
});

test("what is asked without the token, with a mistake or too much of it changes nothing", async () => {
  await using it = await scene();
  const bare = await send(`${it.url}/api/guard/halt`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(by),
  });
  assert.equal(bare.status, 401);
  for (const body of [
    {},
    { ...by, reason: "  " },
    { ...by, scope: "everything" },
    { ...by, mode: "FULL" },
    { ...by, reason: "x".repeat(2_000) },
  ])
    assert.equal((await it.post("/api/guard/halt", body)).status, 422, JSON.stringify(body));
  for (const path of [
    "/api/approvals?state=lost",
    "/api/audit?limit=0",
    "/api/audit/verify?position=1",
  ])
    assert.equal((await it.get(path)).status, 422, path);
  assert.deepEqual((await it.engine.guard.status()).modes, []);
  const done = await it.post("/api/guard/halt", { ...by, scope: "agent:default" });
  assert.equal(done.status, 200);
  assert.equal((done.body["changes"] as unknown[]).length, 1);
});

test("what a move takes along of the guard crosses the control API whole", async () => {
  await using it = await scene();
  const run = await it.engine.client.start(payer, "bob", { id: "p" });
  await it.engine.idle();
  const [row] = await it.engine.guard.approvals({ state: "asked" });
  await it.engine.guard.answer({ id: row?.id ?? "", approved: true, ...by });
  await run.result();
  await it.engine.guard.halt({ scope: "agent:default", ...by });
  const known = await it.engine.movedBook({});
  assert.deepEqual([known.effects[0]?.cost, known.modes.length], [usdc("90.00"), 1]);
  const { status, body } = await it.get("/api/engine/guard");
  assert.deepEqual([status, decode(String(body["book"]))], [200, known]);
  assert.equal((await it.get("/api/engine/guard?runs=p")).status, 422);
});

test("behind a proxy only the page of an approval answers under the public name", async () => {
  await using it = await scene();
  const run = await it.engine.client.start(payer, "bob", { id: "p" });
  await it.engine.idle();
  const [row] = await it.engine.guard.approvals({ state: "asked" });
  assert.ok(row !== undefined);
  const path = it.links.urlOf(row).slice(LINK_BASE.length);
  const host = "ops.example.com";
  assert.equal((await send(`${it.url}/api/guard`, { headers: { host } })).status, 403);
  const page = await send(`${it.url}${path}`, { headers: { host } });
  assert.equal(page.status, 200);
  assert.match(String(page.body["text"]), /<th>To<\/th>\s*<td>bob<\/td>/u);
  assert.match(String(page.body["text"]), /<th>Which<\/th>\s*<td>&lt;rent&gt;<\/td>/u);
  const answered = await send(`${it.url}${path}`, {
    method: "POST",
    headers: {
      host,
      origin: "https://ops.example.com",
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "verdict=approve&actor=ann",
  });
  assert.equal(answered.status, 200, JSON.stringify(answered.body));
  assert.equal(await run.result(), "paid bob");
  // What was written by others cannot be part of the page.
  await it.engine.client.start(payer, "<script>alert(1)</script>", { id: "q" });
  await it.engine.idle();
  const [other] = await it.engine.guard.approvals({ state: "asked" });
  assert.ok(other !== undefined);
  const shown = await send(`${it.url}${it.links.urlOf(other).slice(LINK_BASE.length)}`);
  assert.ok(!String(shown.body["text"]).includes("<script>"));
});
