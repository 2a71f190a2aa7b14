// Token buckets on the venue's clock: how much may come at once, how it comes back, and what is told of it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  START,
  type Answer,
  agentOf,
  call,
  openTestSandbox,
  registerAgent,
} from "../fixture/kit.ts";
import { refilled, take } from "./bucket.ts";
import { BUCKETS_MAX, DEFAULT_POLICIES, createRateLimits } from "./rate-limits.ts";

const policy = { perMinute: 60, burst: 3 };

describe("take()", () => {
  test("empties a full bucket, refuses, and says when to come again", () => {
    let bucket = take(undefined, policy, START).bucket;
    bucket = take(bucket, policy, START).bucket;
    const third = take(bucket, policy, START);
    assert.deepEqual([third.admitted, third.remaining, third.fullInSeconds], [true, 0, 3]);
    const fourth = take(third.bucket, policy, START);
    assert.deepEqual([fourth.admitted, fourth.retryAfterSeconds], [false, 1]);
    assert.equal(take(fourth.bucket, policy, START + 999).admitted, false);
    assert.equal(take(fourth.bucket, policy, START + 1_000).admitted, true);
  });

  test("never fills beyond its burst, and a clock that goes back refills nothing", () => {
    const { bucket } = take(undefined, policy, START);
    assert.equal(refilled(bucket, policy, START + 3_600_000), 3);
    const back = take(bucket, policy, START - 60_000);
    assert.equal(back.remaining, 1);
    assert.equal(back.bucket.at, START);
  });

  test("admits over any time no more than its burst and what came back", () => {
    let bucket;
    let admitted = 0;
    for (let ms = 0; ms < 60_000; ms += 7) {
      const taken = take(bucket, policy, START + ms);
      bucket = taken.bucket;
      if (taken.admitted) admitted += 1;
    }
    assert.ok(admitted >= 62 && admitted <= 63, String(admitted));
  });
});

describe("createRateLimits()", () => {
  test("keeps no more buckets than it says, forgetting full ones first", () => {
    const limits = createRateLimits({ read: { perMinute: 60, burst: 2 } });
    for (let n = 0; n < BUCKETS_MAX + 100; n += 1) limits.take(`k${n}`, "read", START);
    limits.take("busy", "read", START + 2_000);
    limits.take("busy", "read", START + 2_000);
    for (let n = 0; n < 100; n += 1) limits.take(`other${n}`, "read", START + 2_000);
    assert.equal(limits.take("busy", "read", START + 2_000)?.admitted, false);
  });

  test("refuses a limit that is none", () => {
    assert.throws(() => createRateLimits({ trade: { perMinute: 0, burst: 1 } }), RangeError);
    assert.throws(() => createRateLimits({ trade: { perMinute: 1, burst: NaN } }), RangeError);
  });
});

describe("the API", () => {
  const rateLimits = { trade: { perMinute: 2, burst: 3 }, exit: { perMinute: 60, burst: 5 } };
  const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };
  const limitHeaders = ({ headers }: Answer): readonly (string | null)[] =>
    ["ratelimit-policy", "ratelimit", "x-ratelimit-limit", "x-ratelimit-remaining"].map((name) =>
      headers.get(name),
    );

  test("limits nothing by default", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    assert.deepEqual(limitHeaders(await agent.get("/api/wallet/balance")), Array(4).fill(null));
  });

  test("says what is left, refuses with 429 and Retry-After, and refills by its clock", async () => {
    await using sandbox = await openTestSandbox({ rateLimits });
    const agent = await registerAgent(sandbox);
    const first = await agent.post("/api/v1/trade", ORDER);
    assert.deepEqual(limitHeaders(first), ['"trade";q=3;w=90', '"trade";r=2;t=30', "3", "2"]);
    assert.equal(first.headers.get("x-ratelimit-reset"), "30");
    await agent.post("/api/v1/trade", { ...ORDER, size: -1 });
    const third = await agent.post("/api/v1/trade", ORDER);
    assert.equal(third.headers.get("ratelimit"), '"trade";r=0;t=90');
    const refused = await agent.post("/api/v1/trade", ORDER);
    assert.deepEqual([refused.status, refused.body.code], [429, "rate_limited"]);
    assert.equal(refused.headers.get("retry-after"), "30");
    assert.match(refused.headers.get("content-type") ?? "", /problem\+json/);
    await sandbox.venue.advanceTo(START + 29_999);
    assert.equal((await agent.post("/api/v1/trade", ORDER)).status, 429);
    await sandbox.venue.advanceTo(START + 30_000);
    assert.equal((await agent.post("/api/v1/trade", ORDER)).status, 200);
  });

  test("does nothing for a write that it refuses, and does not remember its key", async () => {
    await using sandbox = await openTestSandbox({ rateLimits });
    const agent = await registerAgent(sandbox);
    for (let n = 0; n < 3; n += 1) await agent.post("/api/v1/trade", ORDER);
    const { effects } = sandbox.venue.audit();
    const key = { "idempotency-key": "limited" };
    assert.equal((await agent.post("/api/v1/trade", ORDER, key)).status, 429);
    assert.equal(sandbox.venue.audit().effects, effects);
    assert.equal((await agent.get("/api/idempotency/limited")).body.state, "unknown");
    await sandbox.venue.advanceTo(START + 60_000);
    const done = await agent.post("/api/v1/trade", ORDER, key);
    assert.deepEqual([done.status, done.headers.get("idempotent-replayed")], [200, null]);
  });

  test("lets whoever trades too fast close and cancel", async () => {
    await using sandbox = await openTestSandbox({ rateLimits });
    const agent = await registerAgent(sandbox);
    const { body } = await agent.post("/api/v1/trade", ORDER);
    for (let n = 0; n < 3; n += 1) await agent.post("/api/v1/trade", ORDER);
    assert.equal((await agent.post("/api/v1/trade", ORDER)).status, 429);
    const { position_id } = body;
    assert.equal((await agent.post("/api/trade/close", { position_id })).status, 200);
    assert.equal((await agent.post("/api/orders/cancel", { order_id: "order_none" })).status, 404);
    assert.equal((await agent.post("/api/trade/close-all")).status, 200);
  });

  test("counts each key and each service alone, and callers without a key together", async () => {
    await using sandbox = await openTestSandbox({
      rateLimits: { ...rateLimits, faucet: { perMinute: 1, burst: 3 } },
    });
    const agent = await registerAgent(sandbox);
    const { body } = await agent.post("/api/keys", { label: "second" });
    for (let n = 0; n < 4; n += 1) await agent.post("/api/v1/trade", ORDER);
    assert.equal((await agent.post("/api/v1/trade", ORDER)).status, 429);
    const second = agentOf(sandbox, agent.id, body.api_key);
    assert.equal((await second.post("/api/v1/trade", ORDER)).status, 200);
    assert.equal((await agent.post("/api/wallet/deposit", { amount: 1 })).status, 200);
    const url = `${sandbox.url}/@faucet/api/register`;
    const answers = [];
    for (const name of ["a", "b", "c"]) answers.push(await call(url, { body: { name } }));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 429],
    );
  });

  test("has the limits of the venue's specification", () => {
    const { trade, casino, wallet, escrow, domains, faucet } = DEFAULT_POLICIES;
    assert.deepEqual(
      [trade, casino, wallet, escrow, domains, faucet].map(({ perMinute, burst }) => [
        perMinute,
        burst,
      ]),
      [
        [120, 200],
        [60, 100],
        [60, 80],
        [60, 80],
        [30, 50],
        [10, 10],
      ],
    );
  });
});
