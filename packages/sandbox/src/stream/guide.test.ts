// The guides' own consumer, as its sample does it: both headers, one subscribe frame with the last id and four
// wildcards, dispatch by exact type and then by domain, and the last id kept from whatever has one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type RawData, WebSocket } from "ws";
import { HOUR_MS, START, openTestSandbox, registerAgent } from "../fixture/kit.ts";

type Message = Readonly<Record<string, unknown>>;

test("the guides' sample consumes events, and goes on after a lost connection with its last id", async () => {
  await using sandbox = await openTestSandbox();
  const agent = await registerAgent(sandbox);
  const dispatched: Message[] = [];
  const handlers = new Map<string, (event: Message) => void>();
  for (const name of ["market.candle", "market.tick", "wallet.*", "escrow.*", "job.*"]) {
    handlers.set(name, (event) => dispatched.push(event));
  }
  let last = "";
  const { promise: firstIsUp, resolve: up } = Promise.withResolvers<void>();
  let wanted = { count: Infinity, reached: (): void => undefined };
  const heard = (count: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wanted = { count, reached: resolve };
    if (dispatched.length >= count) resolve();
    return promise;
  };

  const consume = (): WebSocket => {
    const socket = new WebSocket(`${sandbox.url.replace("http", "ws")}/api/stream`, {
      headers: { Authorization: `Bearer ${agent.apiKey}`, "X-Agent-Id": agent.id },
    });
    socket.on("open", () => {
      socket.send(
        JSON.stringify({
          action: "subscribe",
          resumeFrom: last,
          topics: ["market.*", "wallet.*", "escrow.*", "job.*"],
        }),
      );
    });
    socket.on("message", (raw: RawData) => {
      const event = JSON.parse((raw as Buffer).toString()) as Message;
      last = typeof event["eventId"] === "string" ? event["eventId"] : last;
      const type = typeof event["type"] === "string" ? event["type"] : "";
      if (type === "subscribed") up();
      const domain = `${type.split(".")[0] ?? ""}.*`;
      for (const name of [type, domain]) handlers.get(name)?.(event);
      if (dispatched.length >= wanted.count) wanted.reached();
    });
    return socket;
  };

  const first = consume();
  await firstIsUp;
  await agent.post("/api/trade/open", {
    pair: "BTC-PERP",
    direction: "long",
    size_usdc: 25,
    leverage: 2,
  });
  // A tick of each pair, and the change of the balance.
  await heard(4);
  const tick = dispatched.find(({ type }) => type === "market.tick");
  const payload = tick?.["payload"] as Message;
  assert.ok(typeof payload["pair"] === "string" && typeof payload["price"] === "number");
  assert.ok(Number.isInteger(payload["timestamp_ms"]));
  const changed = dispatched.find(({ type }) => type === "wallet.balance_changed");
  assert.equal(changed?.["agentId"], agent.id);
  assert.ok((changed["payload"] as Message)["new_balance_usdc"] !== undefined);
  assert.match(last, /^[0-9A-HJKMNP-TV-Z]{26}$/u);
  assert.equal(last, changed["eventId"]);

  // It is away for two minutes, and hears afterwards what happened meanwhile.
  first.terminate();
  await sandbox.venue.advanceTo(START + 120_000);
  await agent.post("/api/wallet/deposit", { amount: 1 });
  const before = dispatched.length;
  const second = consume();
  await heard(before + 2 * 3 + 3 + 2);
  const types = dispatched.slice(before).map(({ type }) => String(type));
  assert.deepEqual(types, [
    ...Array.from({ length: 6 }, () => "market.candle"),
    ...Array.from({ length: 3 }, () => "market.tick"),
    "wallet.deposited",
    "wallet.balance_changed",
  ]);
  second.terminate();
  await sandbox.venue.advanceTo(START + HOUR_MS);
});
