// The server over its life: ports, restarts on the same file, one owner, and a file that tells no secrets.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { describe, test } from "node:test";
import { hasCode, usdc } from "@holdfast/core";
import { type Sandbox, openSandbox } from "./sandbox.ts";
import { START, agentOf, call, openTestSandbox, registerAgent, testFolder } from "./fixture/kit.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };
const portOf = (url: string): number => Number(new URL(url).port);

describe("openSandbox()", () => {
  test("takes free ports, or those it is given, again after a restart", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const first = await openSandbox({ path });
    const ports = { port: portOf(first.url), controlPort: portOf(first.controlUrl) };
    await first.close();
    await using second = await openSandbox({ path, ...ports });
    assert.deepEqual([second.url, second.controlUrl], [first.url, first.controlUrl]);
    assert.equal(second.instanceId, first.instanceId);
    assert.equal((await call(`${second.url}/api/status`)).status, 200);
  });

  test("says which port is taken, and lets go of everything", async () => {
    using folder = testFolder();
    await using other = await openTestSandbox();
    const port = portOf(other.url);
    for (const taken of [{ port }, { controlPort: port }]) {
      const path = folder.path("venue.sqlite");
      await assert.rejects(openSandbox({ path, ...taken }), (error) => {
        assert.ok(hasCode(error, "HF-PORT-IN-USE"), String(error));
        assert.equal(error.details["port"], port);
        return true;
      });
      await (await openSandbox({ path })).close();
    }
  });

  test("refuses a file that another sandbox has open", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    await using first = await openSandbox({ path });
    await assert.rejects(openSandbox({ path }), (error) => hasCode(error, "HF-VENUE-STATE-LOCKED"));
    assert.equal((await call(`${first.url}/api/status`)).status, 200);
  });

  test("changes no global of its process", async () => {
    const before = [globalThis.Request, globalThis.Response];
    await using sandbox = await openTestSandbox();
    await call(`${sandbox.url}/api/status`);
    assert.deepEqual([globalThis.Request, globalThis.Response], before);
  });

  test("gives what its options say: grant, pairs, and a default of 10,000 USDC", async () => {
    const pair = { symbol: "DOGE-PERP", base: 0.1, volatility: 1, leverageMax: 10 };
    await using rich = await openTestSandbox({ grant: usdc("12.5"), pairs: [pair] });
    const agent = await registerAgent(rich);
    assert.equal((await agent.get("/api/wallet/balance")).body.usdc, 12.5);
    const prices = (await agent.get("/api/market/prices")).body;
    assert.deepEqual(
      prices.pairs.map((one: { symbol: string }) => one.symbol),
      ["DOGE-PERP"],
    );
    const { transactions } = (await agent.get("/api/wallet/transactions")).body;
    assert.equal(transactions[0]?.kind, "grant");
    await using plain = await openTestSandbox();
    const other = await registerAgent(plain);
    assert.equal((await other.get("/api/wallet/balance")).body.usdc_micros, "10000000000");
  });

  test("gives nothing where the grant is zero", async () => {
    await using sandbox = await openTestSandbox({ grant: usdc("0") });
    const agent = await registerAgent(sandbox);
    assert.equal((await agent.get("/api/wallet/balance")).body.usdc, 0);
  });
});

describe("a restart", () => {
  test("keeps agents, positions, keys, refs and the frozen moment", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const clock = { mode: "frozen", now: START } as const;
    const key = { "idempotency-key": "k", "x-holdfast-ref": "dca/1" };
    const before = await openSandbox({ path, clock });
    const agent = await registerAgent(before);
    const opened = await agent.post("/api/v1/trade", ORDER, key);
    await before.venue.advanceTo(START + 5_000);
    await before.close();

    await using after = await openSandbox({ path });
    assert.deepEqual([after.venue.clock.mode, after.venue.clock.now()], ["frozen", START + 5_000]);
    const same = agentOf(after, agent.id, agent.apiKey);
    const again = await same.post("/api/v1/trade", ORDER, key);
    assert.deepEqual([again.status, again.body], [200, opened.body]);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    const { refs, effects, replays } = after.venue.audit();
    assert.deepEqual([refs, effects, replays], [1, 1, 1]);
  });

  test("never goes behind what was answered, whatever the options say", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    const ahead = START + 10 * 365 * 86_400_000;
    const first = await openSandbox({ path, clock: { mode: "frozen", now: ahead } });
    await registerAgent(first);
    await first.close();
    const second = await openSandbox({ path, clock: { mode: "frozen", now: START } });
    assert.equal(second.venue.clock.now(), ahead);
    await second.close();
    await using third = await openSandbox({ path, clock: { mode: "real" } });
    assert.ok(third.venue.clock.now() >= ahead);
  });

  test("is clean: closing twice, with requests in flight", async () => {
    const sandbox: Sandbox = await openTestSandbox({
      faults: [{ kind: "latency", ms: 1_000, operations: ["status"] }],
    });
    const held = assert.rejects(call(`${sandbox.url}/api/status`));
    await sandbox.venue.clock.waitForHeld(1, 5_000);
    await Promise.all([sandbox.close(), sandbox.close()]);
    await held;
    await assert.rejects(call(`${sandbox.url}/api/status`));
  });
});

describe("the state file", () => {
  test("holds no API key and no key that opens one, in any of its parts", async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    await using sandbox = await openSandbox({ path });
    const headers = { "idempotency-key": "a-registration-key-of-some-length" };
    const url = `${sandbox.url}/@faucet/api/register`;
    const { body } = await call(url, { body: { name: "secret" }, headers });
    const bare = await registerAgent(sandbox, "bare");
    const again = await call(url, { body: { name: "secret" }, headers });
    assert.equal(again.body.api_key, body.api_key);
    const parts = readdirSync(dirname(path));
    assert.ok(parts.some((name) => name.endsWith("-wal")));
    const bytes = parts.map((name) => readFileSync(folder.path(name), "latin1")).join("");
    assert.ok(bytes.includes("secret"), "the name is there, so the file is what is read");
    for (const text of [body.api_key, bare.apiKey, headers["idempotency-key"]]) {
      assert.ok(!bytes.includes(text));
      assert.ok(!bytes.includes(text.replace("pf_test_", "")));
    }
    const [effect] = sandbox.venue.effects({}, 0, 1);
    assert.match(effect?.key ?? "", /^sha256:[0-9a-f]{64}$/);
  });
});
