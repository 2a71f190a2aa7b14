// T4: one key, one effect. The same key with the same body is answered from memory, with another body refused,
// fifty at once have one effect, and after 24 hours of the venue's time it is a new write; for every carrier.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KEY_TTL_MS } from "../command/journal.ts";
import { type Answer, START, control, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import type { SandboxOptions } from "../sandbox.ts";

const CARRIERS = ["header", "client_request_id", "idempotency_key"] as const;
type Carrier = (typeof CARRIERS)[number];

const AT_ONCE = 50;
const moving: Partial<SandboxOptions> = { clock: { mode: "scaled", now: START, rate: 1 } };

/** An order under a key, as a carrier carries it. */
function carried(
  carrier: Carrier,
  key: string,
  size = 25,
): readonly [object, Record<string, string>] {
  const order = { symbol: "BTC-PERP", side: "long", size };
  if (carrier === "header") return [order, { "idempotency-key": key }];
  return [{ ...order, [carrier]: key }, {}];
}

/** What a repetition is answered with, by §2.7: the original status, or 409 in the second guide's dialect. */
function assertRepeated(carrier: Carrier, first: Answer, again: Answer): void {
  if (carrier === "idempotency_key") {
    assert.equal(again.status, 409);
    assert.deepEqual(again.body, { ...first.body, duplicate: true, original_status: 200 });
  } else {
    assert.equal(again.status, first.status);
    assert.deepEqual(again.body, first.body);
  }
  assert.equal(again.headers.get("idempotent-replayed"), "true");
}

for (const carrier of CARRIERS) {
  describe(`T4: a key that ${carrier} carries`, () => {
    test("with the same body is answered from memory, with another refused", async () => {
      await using sandbox = await openTestSandbox();
      const agent = await registerAgent(sandbox);
      const first = await agent.post("/api/v1/trade", ...carried(carrier, "k"));
      assert.equal(first.status, 200);
      assertRepeated(carrier, first, await agent.post("/api/v1/trade", ...carried(carrier, "k")));
      const other = await agent.post("/api/v1/trade", ...carried(carrier, "k", 26));
      assert.deepEqual([other.status, other.body.code], [422, "idempotency_mismatch"]);
      assertRepeated(carrier, first, await agent.post("/api/v1/trade", ...carried(carrier, "k")));
      assert.equal(sandbox.venue.positions(agent.id).length, 1);
      assert.equal(sandbox.venue.audit().replays, 2);
    });

    for (const [mode, options] of [
      ["stands still", {}],
      ["goes on", moving],
    ] as const) {
      test(`has one effect when ${AT_ONCE} come at once and the clock ${mode}`, async () => {
        await using sandbox = await openTestSandbox(options);
        const agent = await registerAgent(sandbox);
        const [body, headers] = carried(carrier, "k");
        const answers = await Promise.all(
          Array.from({ length: AT_ONCE }, () => agent.post("/api/v1/trade", body, headers)),
        );
        const originals = answers.filter((one) => !one.headers.has("idempotent-replayed"));
        assert.equal(originals.length, 1);
        const [original] = originals;
        assert.ok(original !== undefined && original.status === 200);
        for (const one of answers) if (one !== original) assertRepeated(carrier, original, one);
        assert.equal(sandbox.venue.positions(agent.id).length, 1);
        assert.equal(sandbox.venue.audit().duplicateEffects, 0);
        sandbox.venue.assertInvariants();
      });
    }

    test("is a new write after 24 hours of the venue's time, and not before", async () => {
      await using sandbox = await openTestSandbox();
      const agent = await registerAgent(sandbox);
      const first = await agent.post("/api/v1/trade", ...carried(carrier, "k"));
      await sandbox.venue.advanceTo(START + KEY_TTL_MS - 1);
      assertRepeated(carrier, first, await agent.post("/api/v1/trade", ...carried(carrier, "k")));
      await sandbox.venue.advanceTo(START + KEY_TTL_MS);
      const after = await agent.post("/api/v1/trade", ...carried(carrier, "k", 26));
      assert.equal(after.status, 200);
      assert.notEqual(after.body.position_id, first.body.position_id);
    });

    test("that another request still carries is waited for, then said to be on its way", async () => {
      await using sandbox = await openTestSandbox({
        faults: [{ kind: "latency", ms: 60_000, tries: [1], operations: ["open"] }],
      });
      const agent = await registerAgent(sandbox);
      const first = agent.post("/api/v1/trade", ...carried(carrier, "k"));
      await control(sandbox, "/clock/held?count=1&wait=5000");
      const second = agent.post("/api/v1/trade", ...carried(carrier, "k"));
      await control(sandbox, "/clock/held?count=2&wait=5000");
      await sandbox.venue.advanceTo(START + 60_000);
      const told = await second;
      const expected =
        carrier === "idempotency_key"
          ? [503, "idempotency_wait", "1"]
          : [409, "idempotency_in_flight", "1"];
      assert.deepEqual([told.status, told.body.code, told.headers.get("retry-after")], expected);
      assert.equal((await first).status, 200);
    });
  });
}

describe("T4: two carriers", () => {
  test("that say different keys are refused, whichever they are", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    for (const one of CARRIERS) {
      for (const other of CARRIERS.filter((carrier) => carrier !== one)) {
        const [body, headers] = carried(one, "a");
        const [more, moreHeaders] = carried(other, "b");
        const refused = await agent.post(
          "/api/v1/trade",
          { ...body, ...more },
          { ...headers, ...moreHeaders },
        );
        assert.deepEqual([refused.status, refused.body.code], [400, "key_conflict"]);
      }
    }
    assert.equal(sandbox.venue.effects({}, 0, 9).length, 1, "the registration alone");
  });
});
