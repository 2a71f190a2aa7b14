// Faults on the way of events, where they really strike: on a stream's socket and at a webhook's receiver.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { WebSocket } from "ws";
import type { FaultRuleInput } from "../fault/rule.ts";
import type { Sandbox } from "../sandbox.ts";
import { START, type TestAgent, openTestSandbox, registerAgent } from "../fixture/kit.ts";

interface Frame {
  readonly type: string;
  readonly eventId?: string;
  readonly requested?: string;
}

interface Line extends AsyncDisposable {
  readonly socket: WebSocket;
  /** Resolves when a frame passes. */
  until(passes: (frames: readonly Frame[]) => boolean): Promise<readonly Frame[]>;
}

async function connect(sandbox: Sandbox, agent: TestAgent, resumeFrom = ""): Promise<Line> {
  const url = `${sandbox.url.replace("http", "ws")}/api/stream`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${agent.apiKey}` } });
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    for (const look of waiting) look();
  });
  const closed = once(socket, "close");
  await once(socket, "open");
  socket.send(
    JSON.stringify({ action: "subscribe", resumeFrom, topics: ["wallet.*", "faucet.*"] }),
  );
  return {
    socket,
    until: (passes) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!passes(frames)) return;
          waiting.delete(look);
          resolve(frames);
        };
        waiting.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await closed;
    },
  };
}

const ofType = (frames: readonly Frame[], type: string): number =>
  frames.filter((frame) => frame.type === type).length;

async function deposit(agent: TestAgent, amount: number): Promise<void> {
  assert.equal((await agent.post("/api/wallet/deposit", { amount })).status, 200);
}

function withFaults(...faults: readonly FaultRuleInput[]): Promise<Sandbox> {
  return openTestSandbox({ faults });
}

describe("on a stream", () => {
  test("event-lose and event-duplicate strike the events that they name", async () => {
    await using sandbox = await withFaults(
      { kind: "event-lose", types: ["wallet.deposited"] },
      { kind: "event-duplicate", types: ["wallet.withdrawn"], copies: 2, ms: 0 },
    );
    const agent = await registerAgent(sandbox);
    await using line = await connect(sandbox, agent);
    await line.until((frames) => ofType(frames, "subscribed") === 1);
    await deposit(agent, 1);
    await agent.post("/api/wallet/withdraw", { amount: 1 });
    const frames = await line.until((seen) => ofType(seen, "wallet.withdrawn") === 3);
    assert.equal(ofType(frames, "wallet.deposited"), 0);
    const ids = frames.filter(({ type }) => type === "wallet.withdrawn").map((one) => one.eventId);
    assert.equal(new Set(ids).size, 1, "the same event, three times");
  });

  test("stream-close strikes at once, with its code", async () => {
    await using sandbox = await withFaults({ kind: "stream-close", code: 4500, count: 1 });
    const agent = await registerAgent(sandbox);
    const url = `${sandbox.url.replace("http", "ws")}/api/stream`;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${agent.apiKey}` } });
    const [code] = (await once(socket, "close")) as [number];
    assert.equal(code, 4500);
    await using line = await connect(sandbox, agent);
    await line.until((frames) => ofType(frames, "subscribed") === 1);
  });

  test("stream-overflow leaves a gap where the replay would have begun", async () => {
    await using sandbox = await withFaults({ kind: "stream-overflow", keep: 2 });
    const agent = await registerAgent(sandbox);
    for (const amount of [1, 2, 3]) await deposit(agent, amount);
    const kept = sandbox.venue.events.ofAgent(agent.id, 0, 100).map(({ eventId }) => eventId);
    await using line = await connect(sandbox, agent, kept[0]);
    const frames = await line.until((seen) => seen.length === 4);
    assert.equal(frames[1]?.type, "gap");
    assert.equal(frames[1]?.requested, kept[0]);
    assert.deepEqual(
      frames.slice(2).map(({ eventId }) => eventId),
      kept.slice(-2),
    );
  });
});

describe("on a webhook", () => {
  test("event-lose loses an event, event-duplicate sends another twice", async () => {
    await using sandbox = await withFaults(
      { kind: "event-lose", types: ["wallet.deposited"] },
      { kind: "event-duplicate", types: ["wallet.withdrawn"], ms: 1_000 },
    );
    const agent = await registerAgent(sandbox);
    const got: string[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        got.push((JSON.parse(Buffer.concat(chunks).toString()) as Frame).type);
        response.end();
      });
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    try {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
      const topics = ["wallet.deposited", "wallet.withdrawn"];
      assert.equal((await agent.post("/api/webhooks", { url, topics })).status, 201);
      await deposit(agent, 1);
      await agent.post("/api/wallet/withdraw", { amount: 1 });
      await sandbox.venue.advanceTo(START + 60_000);
      assert.deepEqual(got, ["wallet.withdrawn", "wallet.withdrawn"]);
    } finally {
      receiver.closeAllConnections();
      receiver.close();
    }
  });
});
