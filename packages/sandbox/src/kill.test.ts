// kill -9 of the venue while it is written to, again and again on one file: whatever it had acknowledged is
// there once, whatever it had not is there once or not at all, and a repetition settles which.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { agentOf, call, testFolder } from "./fixture/kit.ts";
import { WORKER, startWorker } from "./fixture/worker.ts";
import { createVenue } from "./venue.ts";

const KILLS = 5;
const WRITERS = 4;
/** Answers after which the venue is killed. */
const ANSWERS = 25;

const KINDS = [
  ["/api/v1/trade", {}],
  ["/api/orders", {}],
  ["/api/orders", { type: "limit", limit_price: "1.00" }],
] as const;

test("a venue that is killed loses nothing acknowledged and doubles nothing", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  const acknowledged = new Map<string, string>();
  const unanswered = new Set<string>();
  await using workers = new AsyncDisposableStack();
  let worker = workers.use(await startWorker(path));
  const { url, instanceId } = worker;
  const registered = (await call(`${url}/@faucet/api/register`, { body: { name: "kill" } })).body;
  const agent = agentOf(worker, registered.agent_id, registered.api_key);
  const post = async (key: string): Promise<void> => {
    const order = {
      symbol: "BTC-PERP",
      side: "long",
      size: "1.00",
      client_request_id: key,
      ref: key,
    };
    // One kind of write by the key's last digit: a position, an order at market, an order that rests.
    const [path, more] = KINDS[Number(key.at(-1)) % KINDS.length] ?? KINDS[0];
    const { status, body } = await agent.post(path, { ...order, ...more });
    assert.equal(status, 200);
    const known = acknowledged.get(key);
    const made = body.position_id ?? body.order_id;
    if (known !== undefined) assert.equal(made, known);
    acknowledged.set(key, made);
    unanswered.delete(key);
  };

  for (let round = 0; round < KILLS; round += 1) {
    let answers = 0;
    let killing: Promise<void> | undefined;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; ; n += 1) {
        const key = `order/${round}/${writer}/${n}`;
        unanswered.add(key);
        try {
          await post(key);
        } catch (error) {
          // Only a cut connection ends a writer.
          if (error instanceof assert.AssertionError) throw error;
          return;
        }
        answers += 1;
        if (answers === ANSWERS) killing = worker.kill();
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    await killing;
    worker = workers.use(await startWorker(path, new URL(url).port));
    assert.equal(worker.instanceId, instanceId);
    // Whoever got no answer asks again, with the same key.
    for (const key of unanswered) await post(key);
    for (const key of [...acknowledged.keys()].slice(-3)) await post(key);
  }
  await worker.kill();

  using venue = createVenue({ path });
  const { refs, effects, duplicateEffects, ledgerSum, invariants } = venue.audit();
  assert.deepEqual(
    [refs, effects, duplicateEffects, ledgerSum],
    [acknowledged.size, acknowledged.size, 0, "0"],
  );
  assert.ok(acknowledged.size >= KILLS * ANSWERS);
  assert.ok(invariants.every(({ holds }) => holds));
  const open = new Map([
    ...venue.positions(agent.id).map((one) => [one.ref, one.position_id] as const),
    ...venue.orders(agent.id, 1_000, "open").map((one) => [one.ref, one.order_id] as const),
  ]);
  assert.deepEqual(open, acknowledged);
});

test("a second process on the file of a living venue is refused", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  await using _first = await startWorker(path);
  const second = spawn(process.execPath, [WORKER, path], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  second.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(second, "exit")) as [number];
  assert.notEqual(code, 0);
  assert.match(errors, /HF-VENUE-STATE-LOCKED/);
});
