// kill -9 of the venue around a delivery: what was committed is sent, at least once and with the same id, and what
// was not committed is neither told nor sent.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { hookedOf, openHooked } from "../fixture/hooked.ts";
import { START, agentOf, call, testFolder } from "../fixture/kit.ts";
import { openReceiver } from "../fixture/receiver.ts";
import { createVenue } from "../venue.ts";

const WORKER = fileURLToPath(new URL("../fixture/hook-worker.ts", import.meta.url));

interface Worker extends AsyncDisposable {
  readonly url: string;
  /** Moves the frozen clock; rejects when the venue is killed meanwhile. */
  advance(by: number): Promise<unknown>;
  kill(): Promise<void>;
}

async function start(path: string, mode: "frozen" | "real"): Promise<Worker> {
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(process.execPath, [WORKER, path, mode], { stdio: [...stdio] });
  const exited = once(child, "exit");
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { url, controlUrl } = JSON.parse(line) as { url: string; controlUrl: string };
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  const headers = { authorization: "Bearer hook" };
  return {
    url,
    advance: (by) =>
      call(`${controlUrl}/_sandbox/clock/advance`, { method: "POST", headers, body: { by } }),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** An agent with an endpoint. */
async function hooked(worker: Worker, url: string) {
  const { body } = await call(`${worker.url}/@faucet/api/register`, { body: { name: "a" } });
  const { agent_id: id, api_key: apiKey } = body;
  const agent = agentOf(worker, id, apiKey);
  const topics = ["wallet.deposited"];
  const { status, text } = await agent.post("/api/webhooks", { url, topics });
  assert.equal(status, 201);
  const { webhook_id: webhook } = JSON.parse(text) as { webhook_id: string };
  return { id, apiKey, webhook, agent };
}

test("a venue that is killed between the commit and the sending sends after its restart", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  await using receiver = await openReceiver();
  await using workers = new AsyncDisposableStack();
  const first = workers.use(await start(path, "frozen"));
  const { agent } = await hooked(first, receiver.url);
  // The clock stands: committed and answered, and not sent.
  assert.equal((await agent.post("/api/wallet/deposit", { amount: "5" })).status, 200);
  await first.kill();
  assert.equal(receiver.received.length, 0);

  const second = workers.use(await start(path, "frozen"));
  await second.advance(1);
  assert.deepEqual(
    receiver.received.map(({ event }) => event.type),
    ["wallet.deposited"],
  );
  await second.advance(3_600_000);
  assert.equal(receiver.received.length, 1);
});

for (const mode of ["frozen", "real"] as const) {
  test(`a ${mode} venue that is killed between the sending and the note sends again, with the same id`, async () => {
    using folder = testFolder();
    const path = folder.path("venue.sqlite");
    await using receiver = await openReceiver(() => "silence");
    await using workers = new AsyncDisposableStack();
    const first = workers.use(await start(path, mode));
    const { id, agent, webhook } = await hooked(first, receiver.url);
    assert.equal((await agent.post("/api/wallet/deposit", { amount: "5" })).status, 200);
    const advancing = mode === "frozen" ? first.advance(1).catch(() => undefined) : undefined;
    await receiver.count(1);
    await first.kill();
    await advancing;

    receiver.answer(() => ({ status: 200 }));
    const second = workers.use(await start(path, mode));
    if (mode === "frozen") await second.advance(1);
    await receiver.count(2);
    const [one, again] = receiver.received;
    assert.equal(again?.headers["webhook-id"], one?.headers["webhook-id"]);
    assert.deepEqual(again?.body, one?.body);
    if (mode === "real") return;
    await second.kill();
    using venue = createVenue({ path });
    const [delivery] = hookedOf(venue, id).deliveries(webhook);
    assert.deepEqual([delivery?.state, delivery?.attempts], ["delivered", 1]);
  });
}

test("a venue that is killed within the transaction leaves neither the event nor its delivery", async () => {
  using folder = testFolder();
  const path = folder.path("venue.sqlite");
  const args = [WORKER, path, "frozen", "http://127.0.0.1:9/hook"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = (await once(child, "exit")) as [number | null, string];
  assert.equal(signal, "SIGKILL");
  using venue = createVenue({ path, clock: { mode: "frozen" } });
  const [effect] = venue.effects({}, 0, 10);
  const { agent } = effect ?? assert.fail();
  const [webhook] = venue.look(agent, ({ store }) => store.webhooks.ofAgent(agent));
  const left = hookedOf(venue, agent);
  assert.deepEqual(left.events("trade.planted"), []);
  assert.deepEqual(left.deliveries(webhook?.id ?? ""), []);
  venue.assertInvariants();
});

test("a refused or failed transaction queues nothing", async () => {
  using desk = openHooked();
  const hook = desk.hook("http://127.0.0.1:9/hook");
  const asset = "USDC";
  desk.send({ operation: "withdraw", asset, amount: 10n ** 15n, address: undefined });
  assert.throws(() =>
    desk.venue.look(desk.agent, ({ store }) => {
      const event = desk.events()[0]?.eventId ?? "";
      store.deliveries.queue(hook.id, event, START);
      throw new Error("planted");
    }),
  );
  assert.deepEqual(desk.deliveries(hook.id), []);
});
