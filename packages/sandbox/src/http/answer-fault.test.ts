// Faults of answers, keys and requests over real HTTP: what the caller sees, what the venue did, and what the
// typed client makes of it. A write whose answer cannot be read is never a failure.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HoldfastError, usdc } from "@holdfast/core";
import { createPurpleFlea } from "@holdfast/purpleflea";
import type { RequestRuleInput } from "../fault/rule.ts";
import {
  START,
  type TestAgent,
  call,
  control,
  openTestSandbox,
  registerAgent,
} from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };
const KEY = { "idempotency-key": "k" };

interface Scene {
  readonly sandbox: Sandbox;
  readonly agent: TestAgent;
  readonly client: ReturnType<typeof createPurpleFlea>;
  readonly opened: () => number;
}

async function withFault(
  rule: RequestRuleInput,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  sandbox.faults.add(rule);
  const client = createPurpleFlea({ baseUrl: sandbox.url, apiKey: agent.apiKey });
  const opened = (): number => sandbox.venue.positions(agent.id).length;
  await work({ sandbox, agent, client, opened });
}

async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  const error = await promise.then(
    () => assert.fail("it was answered"),
    (caught: unknown) => caught,
  );
  return error as HoldfastError;
}

/** What the client says of an opening that a fault strikes, and of the same again. */
async function classified({ client, opened }: Scene): Promise<readonly unknown[]> {
  const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25") } as const;
  const error = await failureOf(client.trade.open(order, { key: "client" }));
  const effects = opened();
  await client.trade.open(order, { key: "client" });
  return [error.code, error.outcome, effects, opened()];
}

describe("reset", () => {
  test("sends a part of the body and cuts the connection", async () => {
    await withFault({ kind: "reset", operations: ["open"], count: 1 }, async (scene) => {
      const { sandbox, agent, opened } = scene;
      const response = await fetch(`${sandbox.url}/api/v1/trade`, {
        method: "POST",
        headers: { ...KEY, authorization: `Bearer ${agent.apiKey}` },
        body: JSON.stringify(ORDER),
      });
      assert.equal(response.status, 200);
      const length = Number(response.headers.get("content-length"));
      assert.ok(length > 100);
      await assert.rejects(response.text());
      assert.equal(opened(), 1);
      const again = await agent.post("/api/v1/trade", ORDER, KEY);
      assert.equal(again.headers.get("idempotent-replayed"), "true");
      assert.equal(again.text.length, length);
    });
  });

  test("is an unknown outcome, of one effect", async () => {
    await withFault({ kind: "reset", operations: ["open"], count: 1 }, async (scene) => {
      assert.deepEqual(await classified(scene), ["HF-VENUE-NO-ANSWER", "unknown", 1, 1]);
    });
  });
});

describe("truncate", () => {
  test("is whole HTTP with half of its JSON, and an unknown outcome of one effect", async () => {
    const rule = { kind: "truncate", operations: ["open"], share: 0.25 } as const;
    await withFault({ ...rule, count: 1 }, async ({ sandbox, agent }) => {
      const response = await fetch(`${sandbox.url}/api/v1/trade`, {
        method: "POST",
        headers: { authorization: `Bearer ${agent.apiKey}` },
        body: JSON.stringify(ORDER),
      });
      const text = await response.text();
      assert.equal(Number(response.headers.get("content-length")), text.length);
      assert.throws(() => JSON.parse(text) as unknown, SyntaxError);
    });
    await withFault({ ...rule, count: 1 }, async (scene) => {
      assert.deepEqual(await classified(scene), ["HF-VENUE-UNREADABLE", "unknown", 1, 1]);
    });
  });

  test("of a read says that nothing was sent", async () => {
    await withFault({ kind: "truncate", operations: ["balance"] }, async ({ client }) => {
      const error = await failureOf(client.wallet.balance());
      assert.deepEqual([error.code, error.outcome], ["HF-VENUE-UNREADABLE", "not-sent"]);
      await client.portfolio();
    });
  });
});

describe("the client's classes", () => {
  const cases: readonly (readonly [RequestRuleInput, readonly unknown[]])[] = [
    [{ kind: "drop", when: "after" }, ["HF-VENUE-NO-ANSWER", "unknown", 1, 1]],
    [{ kind: "drop", when: "before" }, ["HF-VENUE-NO-ANSWER", "unknown", 0, 1]],
    [{ kind: "status", status: 502, when: "after" }, ["HF-VENUE-ERROR", "unknown", 1, 1]],
    [{ kind: "status", status: 503 }, ["HF-VENUE-ERROR", "unknown", 0, 1]],
    [{ kind: "throttle", retryAfterSeconds: 1 }, ["HF-VENUE-THROTTLED", "not-sent", 0, 1]],
    [{ kind: "outage" }, ["HF-VENUE-NO-ANSWER", "unknown", 0, 1]],
    [{ kind: "reject" }, ["HF-VENUE-REFUSED", "refused", 0, 0]],
  ];
  for (const [rule, expected] of cases) {
    const name = JSON.stringify(rule);
    test(`${name} is ${expected.slice(0, 2).join(", ")}`, async () => {
      await withFault({ ...rule, operations: ["open"], count: 1 }, async (scene) => {
        if (rule.kind !== "reject") {
          assert.deepEqual(await classified(scene), expected);
          return;
        }
        // A rejection is kept under its key, so it is the answer of the second time, too.
        const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25") } as const;
        for (let time = 0; time < 2; time += 1) {
          const error = await failureOf(scene.client.trade.open(order, { key: "client" }));
          assert.deepEqual([error.code, error.outcome, scene.opened()], expected.slice(0, 3));
        }
      });
    });
  }
});

describe("throttle for some seconds", () => {
  test("begins when it is armed and ends by itself", async () => {
    await using sandbox = await openTestSandbox();
    const status = async (): Promise<number> => (await call(`${sandbox.url}/api/status`)).status;
    await sandbox.venue.advanceTo(START + 5_000);
    sandbox.faults.add({ kind: "throttle", seconds: 30 });
    assert.equal(await status(), 429);
    await sandbox.venue.advanceTo(START + 34_999);
    assert.equal(await status(), 429);
    await sandbox.venue.advanceTo(START + 35_000);
    assert.equal(await status(), 200);
  });
});

describe("skew", () => {
  test("changes what is told of the time, and nothing else", async () => {
    for (const ms of [-90_000, 5_000]) {
      await withFault({ kind: "skew", ms }, async ({ sandbox, agent }) => {
        const status = await call(`${sandbox.url}/api/status`);
        assert.equal(status.body["time_ms" as never], START + ms);
        assert.equal(status.headers.get("x-venue-time"), String(START + ms));
        assert.equal((await agent.post("/api/v1/trade", ORDER)).body.ts, START);
        assert.equal(sandbox.venue.clock.now(), START);
        sandbox.faults.clear();
        const right = await call(`${sandbox.url}/api/status`);
        assert.equal(right.headers.get("x-venue-time"), String(START));
      });
    }
  });
});

describe("defer", () => {
  test("answers at once and carries the write out later, in flight until then", async () => {
    for (const answer of ["504", "cut"] as const) {
      const rule = { kind: "defer", ms: 60_000, answer, operations: ["open"], count: 1 } as const;
      await withFault(rule, async ({ sandbox, agent, client, opened }) => {
        const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25") } as const;
        const error = await failureOf(client.trade.open(order, { key: "k" }));
        const code = answer === "504" ? "HF-VENUE-ERROR" : "HF-VENUE-NO-ANSWER";
        assert.deepEqual([error.code, error.outcome, opened()], [code, "unknown", 0]);
        const state = async (): Promise<unknown> =>
          (await agent.get("/api/idempotency/k")).body["state" as never];
        assert.equal(await state(), "in_flight");
        await sandbox.venue.advanceTo(START + 59_999);
        assert.equal(opened(), 0);
        await sandbox.venue.advanceTo(START + 60_000);
        assert.equal(opened(), 1);
        assert.equal(await state(), "done");
        await client.trade.open(order, { key: "k" });
        assert.equal(opened(), 1);
      });
    }
  });
});

describe("repeat", () => {
  test("with a key is one effect; without one the audit says so", async () => {
    await withFault({ kind: "repeat", times: 2, operations: ["open"] }, async (scene) => {
      const { sandbox, agent, opened } = scene;
      const first = await agent.post("/api/v1/trade", { ...ORDER, ref: "dca/1" }, KEY);
      assert.equal(first.headers.get("idempotent-replayed"), null);
      assert.equal(opened(), 1);
      assert.deepEqual(
        [sandbox.venue.audit().replays, sandbox.venue.audit().duplicateEffects],
        [2, 0],
      );
      await agent.post("/api/v1/trade", { ...ORDER, ref: "dca/2" });
      assert.equal(opened(), 4);
      assert.equal(sandbox.venue.audit().duplicateEffects, 2);
    });
  });
});

describe("forget-keys", () => {
  test("forgets keys of an age, for writes and for who asks", async () => {
    await withFault(
      { kind: "forget-keys", ageMs: 3_600_000 },
      async ({ sandbox, agent, opened }) => {
        await agent.post("/api/v1/trade", { ...ORDER, ref: "one" }, KEY);
        await sandbox.venue.advanceTo(START + 3_599_999);
        const replay = await agent.post("/api/v1/trade", { ...ORDER, ref: "one" }, KEY);
        assert.equal(replay.headers.get("idempotent-replayed"), "true");
        await sandbox.venue.advanceTo(START + 3_600_000);
        const { body } = await agent.get("/api/idempotency/k");
        assert.deepEqual(body, { state: "unknown" });
        await agent.post("/api/v1/trade", { ...ORDER, ref: "one" }, KEY);
        assert.equal(opened(), 2);
        assert.equal(sandbox.venue.audit().duplicateEffects, 1);
      },
    );
  });
});

describe("crash", () => {
  test("strikes after the n-th effect, once, and its answer is lost", async () => {
    let crashes = 0;
    await using sandbox = await openTestSandbox({
      onCrash: () => {
        crashes += 1;
      },
    });
    const agent = await registerAgent(sandbox);
    sandbox.faults.add({ kind: "crash", operations: ["open"], nth: 3 });
    const post = (key: string): Promise<unknown> =>
      agent.post("/api/v1/trade", ORDER, { "idempotency-key": key });
    await post("1");
    // Neither a repetition nor a refusal is an effect.
    await post("1");
    await agent.post("/api/v1/trade", { ...ORDER, size: 1e9 }, { "idempotency-key": "poor" });
    await post("2");
    await assert.rejects(post("3"));
    assert.equal(crashes, 1);
    assert.equal(sandbox.venue.positions(agent.id).length, 3);
    for (const key of ["3", "4", "5", "6"]) await post(key);
    assert.equal(crashes, 1);
  });

  test("is refused where nobody lets the process crash", async () => {
    await using sandbox = await openTestSandbox();
    const { status, body } = await control(sandbox, "/faults", { body: { kind: "crash" } });
    assert.deepEqual([status, body.code], [422, "invalid_request"]);
  });
});
