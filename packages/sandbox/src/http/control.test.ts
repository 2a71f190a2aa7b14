// The venue's own controls: who may use them, and clock, faults, audit and export through them.

import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, test } from "node:test";
import type { Effect } from "../store/audit-query.ts";
import { START, call, control, openTestSandbox, registerAgent } from "../fixture/kit.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };

describe("the control listener", () => {
  test("opens for its token only, in the query or in the header", async () => {
    await using sandbox = await openTestSandbox({ controlToken: "secret" });
    const agent = await registerAgent(sandbox);
    const url = `${sandbox.controlUrl}/_sandbox/clock`;
    for (const [suffix, headers, status] of [
      ["", {}, 401],
      ["?token=wrong!", {}, 401],
      ["", { authorization: `Bearer ${agent.apiKey}` }, 401],
      ["?token=secret", {}, 200],
      ["", { authorization: "Bearer secret" }, 200],
    ] as const) {
      assert.equal((await call(`${url}${suffix}`, { headers })).status, status);
    }
  });

  test("answers to loopback names only", async () => {
    await using sandbox = await openTestSandbox({ controlToken: "secret" });
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const url = `${sandbox.controlUrl}/_sandbox/clock?token=secret`;
        const sent = request(url, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on("error", reject).end();
      });
    assert.equal(await status("localhost:4100"), 200);
    assert.equal(await status("127.0.0.1"), 200);
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"]) {
      assert.equal(await status(host), 403, host);
    }
  });

  test("is another than the API's, and has no API", async () => {
    await using sandbox = await openTestSandbox();
    assert.notEqual(sandbox.url, sandbox.controlUrl);
    assert.equal((await control(sandbox, "/nowhere")).status, 404);
    const { controlUrl, controlToken } = sandbox;
    assert.equal((await call(`${controlUrl}/api/status?token=${controlToken}`)).status, 404);
  });
});

describe("/_sandbox/clock", () => {
  test("shows, advances and never runs back", async () => {
    await using sandbox = await openTestSandbox();
    assert.deepEqual((await control(sandbox, "/clock")).body, {
      mode: "frozen",
      now: START,
      rate: 0,
    });
    const advance = (body: object): ReturnType<typeof control> =>
      control(sandbox, "/clock/advance", { body });
    assert.equal((await advance({ by: 5_000 })).body.now, START + 5_000);
    assert.equal((await advance({ to: START + 6_000 })).body.now, START + 6_000);
    const back = await advance({ to: START });
    assert.deepEqual([back.status, back.body.code], [409, "clock_backwards"]);
    for (const body of [{}, { by: -1 }, { to: 1, by: 1 }, { to: "soon" }, { to: 1e300 }]) {
      assert.equal((await advance(body)).status, 422);
    }
  });

  test("changes its mode, but not behind what was answered", async () => {
    await using sandbox = await openTestSandbox();
    const set = (body: object): ReturnType<typeof control> => control(sandbox, "/clock", { body });
    assert.equal((await set({ mode: "frozen", now: 1_000 })).body.now, 1_000);
    await sandbox.venue.advanceTo(START);
    await registerAgent(sandbox);
    const back = await set({ mode: "frozen", now: START - 1 });
    assert.deepEqual([back.status, back.body.code], [409, "clock_backwards"]);
    const real = await set({ mode: "real" });
    assert.ok(real.body.now >= START);
    const refused = await control(sandbox, "/clock/advance", { body: { by: 1 } });
    assert.deepEqual([refused.status, refused.body.code], [409, "clock_not_frozen"]);
    assert.equal((await set({ mode: "scaled" })).status, 422);
  });

  test("answers at once how many are held, and waits for more in real time only", async () => {
    await using sandbox = await openTestSandbox();
    const none = { now: START, held: [], due: [] };
    assert.deepEqual((await control(sandbox, "/clock/held")).body, none);
    assert.deepEqual((await control(sandbox, "/clock/held?count=1&wait=1")).body, none);
    assert.deepEqual((await control(sandbox, "/clock/held?count=0&wait=9000")).body, none);
    assert.equal((await control(sandbox, "/clock/held?count=x")).status, 422);
  });
});

describe("/_sandbox/faults", () => {
  test("adds, lists and clears", async () => {
    await using sandbox = await openTestSandbox({ faults: [{ kind: "throttle", count: 1 }] });
    const added = await control(sandbox, "/faults", {
      body: { kind: "drop", operations: ["open"] },
    });
    assert.deepEqual([added.status, added.body], [201, { id: 2 }]);
    await call(`${sandbox.url}/api/status`);
    assert.deepEqual((await control(sandbox, "/faults")).body.faults, [
      { id: 1, rule: { kind: "throttle", count: 1 }, seen: 1, hits: 1 },
      { id: 2, rule: { kind: "drop", when: "after", operations: ["open"] }, seen: 0, hits: 0 },
    ]);
    const one = await control(sandbox, "/faults/1", { method: "DELETE" });
    assert.equal(one.body.faults.length, 1);
    const all = await control(sandbox, "/faults", { method: "DELETE" });
    assert.deepEqual(all.body, { faults: [] });
    assert.equal((await control(sandbox, "/faults", { body: { kind: "fire" } })).status, 422);
  });
});

describe("/_sandbox/audit", () => {
  test("is clean for one effect for each ref", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    for (const ref of ["dca/1", "dca/2"]) {
      for (let attempt = 0; attempt < 2; attempt += 1) {
        await agent.post("/api/v1/trade", { ...ORDER, ref, client_request_id: ref });
      }
    }
    await agent.post("/api/trade/close-all", {}, { "idempotency-key": "close" });
    const { body } = await control(sandbox, "/audit");
    const { invariants, ...rest } = body;
    assert.deepEqual(rest, {
      venue: sandbox.instanceId,
      refs: 2,
      effects: 2,
      duplicateEffects: 0,
      unnamed: 2,
      keyless: 1,
      replays: 2,
      refsWithMoreThanOneEffect: [],
      keysWithMoreThanOneEffect: [],
      ledgerSum: "0",
      byAgent: [{ agent: agent.id, effects: 2, refs: 2, duplicateEffects: 0, unnamed: 2 }],
    });
    assert.ok(invariants.length >= 8 && invariants.every(({ holds }: { holds: boolean }) => holds));
  });

  test("turns red for a second key under one ref", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    for (const key of ["a", "b"]) {
      await agent.post("/api/v1/trade", { ...ORDER, ref: "dca/1", client_request_id: key });
    }
    const { body } = await control(sandbox, "/audit");
    assert.deepEqual([body.refs, body.effects, body.duplicateEffects], [1, 2, 1]);
    assert.deepEqual(body.refsWithMoreThanOneEffect, [
      { agent: agent.id, ref: "dca/1", effects: 2 },
    ]);
    const page = await control(sandbox, "/audit", { headers: { accept: "text/html" } });
    assert.match(page.text, /<title>Audit: 1 duplicate effects/);
    assert.match(page.text, /dca\/1/);
  });

  test("turns red for two agents registered under one ref", async () => {
    await using sandbox = await openTestSandbox();
    for (const key of ["a", "b"]) {
      const body = { name: "a", ref: "setup/a" };
      const headers = { "idempotency-key": key };
      await call(`${sandbox.url}/@faucet/api/register`, { body, headers });
    }
    const { body } = await control(sandbox, "/audit");
    assert.equal(body.duplicateEffects, 1);
    assert.deepEqual(body.refsWithMoreThanOneEffect, [{ agent: null, ref: "setup/a", effects: 2 }]);
  });

  test("lets two agents use the same ref, and filters by agent and time", async () => {
    await using sandbox = await openTestSandbox();
    const one = await registerAgent(sandbox, "one");
    const two = await registerAgent(sandbox, "two");
    await one.post("/api/v1/trade", { ...ORDER, ref: "dca/1" });
    await sandbox.venue.advanceTo(START + 1_000);
    await two.post("/api/v1/trade", { ...ORDER, ref: "dca/1" });
    const counts = async (query: string): Promise<unknown[]> => {
      const { body } = await control(sandbox, `/audit?${query}`);
      return [body.refs, body.effects, body.duplicateEffects];
    };
    assert.deepEqual(await counts(""), [2, 2, 0]);
    assert.deepEqual(await counts(`agent=${one.id}`), [1, 1, 0]);
    assert.deepEqual(await counts(`since=${START + 1_000}`), [1, 1, 0]);
    assert.deepEqual(await counts(`until=${START + 1_000}`), [1, 1, 0]);
    assert.equal((await control(sandbox, "/audit?since=soon")).status, 422);
  });

  test("escapes what callers supply", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const ref = `<script>alert("1")</script>`;
    for (const key of ["<a>", "<b>"]) {
      await agent.post("/api/v1/trade", { ...ORDER, ref, client_request_id: key });
    }
    const { text, headers } = await call(sandbox.auditUrl, {
      headers: { accept: "text/html,*/*" },
    });
    assert.match(headers.get("content-type") ?? "", /^text\/html/);
    assert.doesNotMatch(text, /<script/);
    assert.match(text, /&#60;script&#62;alert\(&#34;1&#34;\)/);
  });
});

interface Page {
  readonly effects: readonly Effect[];
  readonly next: number | null;
}

describe("/_sandbox/export", () => {
  test("lists effects in order, in pages", async () => {
    await using sandbox = await openTestSandbox();
    const page = async (query: string): Promise<Page> =>
      JSON.parse((await control(sandbox, query)).text) as Page;
    const agent = await registerAgent(sandbox);
    for (let n = 0; n < 4; n += 1) {
      await agent.post("/api/v1/trade", { ...ORDER, ref: `dca/${n}`, client_request_id: `k${n}` });
    }
    const first = await page("/export?limit=3");
    const second = await page(`/export?limit=3&after=${first.next}`);
    assert.equal(second.next, null);
    const [registered, ...opened] = [...first.effects, ...second.effects];
    assert.equal(registered?.operation, "register");
    assert.deepEqual(
      opened.map(({ ref, key, operation }) => [ref, key, operation]),
      [0, 1, 2, 3].map((n) => [`dca/${n}`, `k${n}`, "open"]),
    );
    const { id, amountMicros, ...rest } = opened[0] ?? {};
    assert.deepEqual(rest, {
      agent: agent.id,
      at: START,
      key: "k0",
      operation: "open",
      ref: "dca/0",
      replays: 0,
    });
    assert.ok(Number(id) > 0 && Number(amountMicros) > 24_000_000);
    assert.equal((await control(sandbox, "/export?limit=-1")).status, 422);
    assert.equal((await page(`/effects?agent=${agent.id}`)).effects.length, 5);
  });
});

test("the market's origins are shown: generated, by hand or recorded", async () => {
  const scripts = [{ symbol: "ETH-PERP", points: [{ at: START, price: "3000" }] }];
  await using sandbox = await openTestSandbox({ scripts });
  const { body } = await control(sandbox, "/market");
  assert.deepEqual(body.pairs, [
    { symbol: "BTC-PERP", kind: "generated", late: 0 },
    { symbol: "ETH-PERP", kind: "script", late: 0 },
    { symbol: "SOL-PERP", kind: "generated", late: 0 },
  ]);
});
