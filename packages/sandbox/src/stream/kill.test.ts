// kill -9 of the venue while somebody reads its stream, again and again on one file: the reader keeps his place
// and misses nothing that was committed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@holdfast/core";
import { agentOf, call, testFolder } from "../fixture/kit.ts";
import { read } from "../fixture/reading.ts";
import { startWorker } from "../fixture/worker.ts";
import { createVenue } from "../venue.ts";

const KILLS = 4;
/** Deposits after which the venue is killed. */
const DEPOSITS = 20;

test("a reader misses nothing and sees nothing twice while the venue is killed and restarts", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  await using workers = new AsyncDisposableStack();
  let worker = workers.use(await startWorker(path));
  const { url } = worker;
  const registered = (await call(`${url}/@faucet/api/register`, { body: { name: "kill" } })).body;
  const agent = agentOf(worker, registered.agent_id, registered.api_key);
  await using steady = read({ url }, agent, ["wallet.*"], { random: seededRandom("steady") });
  await steady.is("open");
  const from = steady.stream.cursor;
  let sent = 0;
  for (let round = 0; round < KILLS; round += 1) {
    let answered = 0;
    let killing: Promise<void> | undefined;
    const write = async (): Promise<void> => {
      for (;;) {
        sent += 1;
        try {
          await agent.post(
            "/api/wallet/deposit",
            { amount: 1 },
            { "idempotency-key": `d/${sent}` },
          );
        } catch {
          return;
        }
        answered += 1;
        if (answered === DEPOSITS) killing = worker.kill();
      }
    };
    await Promise.all([write(), write(), write()]);
    await killing;
    worker = workers.use(await startWorker(path, new URL(url).port));
  }
  // One more, so that there is a last one to wait for.
  const { body } = await agent.post("/api/wallet/deposit", { amount: 7 });
  await steady.until((items) =>
    items.some(
      (item) =>
        item.kind === "event" &&
        item.type === "wallet.balance_changed" &&
        item.payload.change_micros === 7_000_000n,
    ),
  );
  assert.ok(body.amount_units !== undefined);
  assert.ok(steady.items.every(({ kind }) => kind === "event"));
  await worker.kill();
  using venue = createVenue({ path });
  const all = venue.events
    .ofAgent(agent.id, 0, 10_000)
    .filter(({ type, eventId }) => type.startsWith("wallet.") && eventId > from)
    .map(({ eventId }) => eventId);
  assert.deepEqual(steady.ids(), all);
  assert.ok(all.length >= 2 * KILLS * DEPOSITS);
});
