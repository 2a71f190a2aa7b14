// T1: every request of the five published guides, as their code sends it: same host, headers, path and body. Each
// field that a guide reads must be in the answer. Hosts are reached by the Host header and by path prefix.

import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { type Sandbox, openSandbox } from "@holdfast/sandbox";
import { WebSocket } from "ws";

const START = 1_767_603_600_000;
const DAY_MS = 86_400_000;

type Json = Record<string, unknown>;
type Kind = "text" | "number" | "list" | "present";

interface GuideRequest {
  readonly method: "GET" | "POST";
  /** As the guide writes it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

interface Row {
  /** Of the table of the guides' paths. */
  readonly row: number;
  readonly ask: GuideRequest;
  /** Fields that the guide reads, and what it takes them for. */
  readonly reads: Readonly<Record<string, Kind>>;
}

type Way = "host" | "prefix";

/** Sends what a guide sends to the paper venue in place of purpleflea.com. */
async function answered(
  sandbox: Sandbox,
  way: Way,
  { method, url, headers, json }: GuideRequest,
): Promise<{ readonly status: number; readonly body: Json }> {
  const meant = new URL(url);
  const { hostname, port } = new URL(sandbox.url);
  const service = meant.hostname === "purpleflea.com" ? "main" : meant.hostname.split(".")[0];
  const path =
    way === "host"
      ? `${meant.pathname}${meant.search}`
      : `/@${service}${meant.pathname}${meant.search}`;
  const host = way === "host" ? { host: meant.hostname } : {};
  const text = json === undefined ? "" : JSON.stringify(json);
  const sent = send({
    hostname,
    port,
    path,
    method,
    headers: {
      ...host,
      ...headers,
      ...(text === "" ? {} : { "content-type": "application/json" }),
      ...(method === "POST" ? { "content-length": String(Buffer.byteLength(text)) } : {}),
    },
  });
  sent.end(text);
  const [response] = (await once(sent, "response")) as [
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const answer = Buffer.concat(chunks).toString();
  return { status: response.statusCode, body: JSON.parse(answer) as Json };
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string" && value !== "";
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "list":
      return Array.isArray(value);
    case "present":
      return value !== undefined && value !== null;
  }
}

async function replay(sandbox: Sandbox, way: Way, { row, ask, reads }: Row): Promise<Json> {
  const { status, body } = await answered(sandbox, way, ask);
  const said = `row ${row} (${ask.method} ${ask.url}, by ${way}): ${status} ${JSON.stringify(body)}`;
  // Every guide raises where the status is not a success.
  assert.ok(status >= 200 && status < 300, said);
  for (const [field, kind] of Object.entries(reads)) {
    assert.ok(isKind(body[field], kind), `${said}: expected ${field} as ${kind}`);
  }
  return body;
}

interface Agent {
  readonly id: string;
  readonly key: string;
}

/** The third guide registers an agent at the faucet, without an API key (row 23). */
async function register(sandbox: Sandbox, way: Way, name: string): Promise<Agent> {
  const body = await replay(sandbox, way, {
    row: 23,
    ask: {
      method: "POST",
      url: "https://faucet.purpleflea.com/api/register",
      headers: { "Content-Type": "application/json" },
      json: { name, description: "a guide's agent" },
    },
    reads: { agent_id: "text", api_key: "text" },
  });
  return { id: String(body["agent_id"]), key: String(body["api_key"]) };
}

const bearer = ({ key }: Agent): Record<string, string> => ({ Authorization: `Bearer ${key}` });

/** Headers of the third and the fourth guide. */
const withId = (agent: Agent): Record<string, string> => ({
  ...bearer(agent),
  "X-Agent-ID": agent.id,
  "Content-Type": "application/json",
});

/** Headers of the second guide. */
const withBotId = (agent: Agent): Record<string, string> => ({
  ...bearer(agent),
  "X-Agent-Id": agent.id,
});

function openVenue(): Promise<Sandbox> {
  return openSandbox({ path: ":memory:", clock: { mode: "frozen", now: START }, verify: true });
}

for (const way of ["host", "prefix"] as const) {
  describe(`T1: the guides' requests, unmodified, by ${way}`, () => {
    test("the first guide: rows 1 to 8", async () => {
      await using sandbox = await openVenue();
      const agent = await register(sandbox, way, "one");
      const other = await register(sandbox, way, "two");
      const base = "https://purpleflea.com/api/v1";
      const headers = bearer(agent);
      const post = (row: number, path: string, json: unknown, reads: Row["reads"]): Promise<Json> =>
        replay(sandbox, way, {
          row,
          ask: { method: "POST", url: base + path, headers, json },
          reads,
        });
      const get = (row: number, path: string, reads: Row["reads"]): Promise<Json> =>
        replay(sandbox, way, { row, ask: { method: "GET", url: base + path, headers }, reads });

      const trade = { symbol: "BTC-PERP", side: "long", size: 25, leverage: 2 };
      const position = {
        position_id: "text",
        entry_price: "number",
        liquidation_price: "number",
      } as const;
      const opened = await post(1, "/trade", trade, position);
      const named = { ...trade, client_request_id: "week-1" };
      const first = await post(1, "/trade", named, position);
      const again = await post(1, "/trade", named, position);
      assert.equal(again["position_id"], first["position_id"], "deduplicated on the venue's end");
      assert.notEqual(first["position_id"], opened["position_id"]);

      const portfolio = await get(2, "/portfolio", {
        drawdown_pct: "number",
        positions: "list",
        total_exposure: "number",
      });
      assert.ok(Number(portfolio["drawdown_pct"]) < 0.15, "a fraction: 15 % is 0.15");
      const [shown] = portfolio["positions"] as Json[];
      assert.ok(isKind(shown?.["unrealized_pnl"], "number"));
      await post(3, "/trade/close-all", undefined, { realized_pnl: "number", fees_paid: "number" });
      const balance = await get(4, "/wallet/balance?chain=base", { balances: "list" });
      const [chain] = balance["balances"] as Json[];
      assert.ok(isKind(chain?.["native"], "number") && isKind(chain?.["usd"], "number"));

      const games: readonly (readonly [string, Json])[] = [
        ["crash", { auto_cashout: 1.5 }],
        ["coin flip", { side: "heads" }],
        ["dice", { target: 50, over: true }],
        ["slots", {}],
      ];
      for (const [game, params] of games) {
        const bet = { game, amount_usd: 1, params };
        await post(5, "/casino/bet", bet, { outcome: "text", new_balance: "number" });
      }
      const escrow = {
        amount_usd: 100,
        counterparty: other.id,
        condition: "the report is delivered",
      };
      const created = await post(6, "/escrow/create", escrow, { escrow_id: "text" });
      const release = { escrow_id: created["escrow_id"] };
      const released = await post(7, "/escrow/release", release, { status: "text" });
      const repeated = await post(7, "/escrow/release", release, { status: "text" });
      assert.equal(repeated["tx_hash"], released["tx_hash"], "safe to retry");
      await post(
        8,
        "/domains/register",
        { name: "my-agent.xyz" },
        {
          registration_id: "text",
          expires_at: "present",
        },
      );
      sandbox.venue.assertInvariants();
    });

    test("the second guide: rows 9 to 13", async () => {
      await using sandbox = await openVenue();
      const agent = await register(sandbox, way, "bot");
      const headers = withBotId(agent);
      const base = "https://purpleflea.com/api";
      const order = {
        pair: "BTC",
        direction: "long",
        size_usdc: 50.0,
        leverage: 3,
        idempotency_key: "6b5124897c3c48d0e46cc9249f08c7e5",
      };
      const ask = { method: "POST", url: `${base}/trade/open`, headers, json: order } as const;
      const opened = await replay(sandbox, way, { row: 9, ask, reads: { position_id: "text" } });
      const duplicate = await answered(sandbox, way, ask);
      assert.equal(duplicate.status, 409);
      assert.equal(
        duplicate.body["position_id"],
        opened["position_id"],
        "original result, safe to use",
      );
      const reads = { positions: "list" } as const;
      const url = `${base}/trade/positions`;
      const open = await replay(sandbox, way, {
        row: 11,
        ask: { method: "GET", url, headers },
        reads,
      });
      assert.equal((open["positions"] as Json[]).length, 1);
      await replay(sandbox, way, {
        row: 10,
        ask: {
          method: "POST",
          url: `${base}/trade/close`,
          headers,
          json: { position_id: opened["position_id"] },
        },
        reads: { realised_pnl_usdc: "number" },
      });
      const prices = await replay(sandbox, way, {
        row: 12,
        ask: { method: "GET", url: `${base}/market/prices`, headers },
        reads: { pairs: "list" },
      });
      for (const item of prices["pairs"] as Json[]) {
        assert.ok(isKind(item["pair"], "text") && isKind(item["price"], "number"));
      }
      await replay(sandbox, way, {
        row: 13,
        ask: { method: "GET", url: `${base}/status`, headers },
        reads: { status: "text" },
      });
    });

    test("the third and the fourth guide: rows 15 to 24", async () => {
      await using sandbox = await openVenue();
      const agent = await register(sandbox, way, "worker");
      const provider = await register(sandbox, way, "provider");
      const referrer = await register(sandbox, way, "referrer");
      const headers = withId(agent);
      const go = (row: number, url: string, json: unknown, reads: Row["reads"]): Promise<Json> =>
        replay(sandbox, way, { row, ask: { method: "POST", url, headers, json }, reads });
      const casino = "https://purpleflea.com/casino/api";
      const receipt = { outcome: "text", trade_id: "text", pnl_usdc: "number" } as const;
      await go(
        15,
        `${casino}/crash/bet`,
        { amount: 1, auto_cashout: 1.5 },
        {
          ...receipt,
          crash_at: "number",
        },
      );
      await go(
        16,
        `${casino}/coinflip/bet`,
        { amount: 0.5, side: "heads" },
        {
          ...receipt,
          result: "text",
        },
      );
      await go(
        17,
        `${casino}/dice/roll`,
        { amount: 0.5, target: 50, over: true },
        {
          ...receipt,
          roll: "number",
          payout_multiplier: "number",
          payout: "number",
        },
      );

      const escrow = "https://escrow.purpleflea.com/api/escrow";
      const payload = {
        to: provider.id,
        amount: 5.0,
        description: "a data feed",
        referrer: referrer.id,
      };
      const created = await go(18, escrow, payload, { escrow_id: "text", status: "text" });
      assert.equal(created["status"], "locked");
      const released = await go(
        19,
        `${escrow}/${String(created["escrow_id"])}/release`,
        undefined,
        {
          tx_hash: "text",
          status: "text",
        },
      );
      assert.equal(released["status"], "released");
      const page = await fetch(`${sandbox.url}/@escrow/dispute`);
      assert.equal(page.status, 200, "row 20");

      const get = (row: number, url: string, reads: Row["reads"]): Promise<Json> =>
        replay(sandbox, way, { row, ask: { method: "GET", url, headers }, reads });
      const base = "https://purpleflea.com/api";
      const balance = await get(21, `${base}/wallet/balance`, {
        usdc: "number",
        btc: "number",
        agent_id: "text",
      });
      assert.equal(balance["agent_id"], agent.id);
      const { transactions } = await get(22, `${base}/wallet/transactions?limit=100`, {
        transactions: "list",
      });
      const today = (transactions as Json[]).filter((one) =>
        String(one["date"]).startsWith("2026-01-05"),
      );
      const settled = today.filter((one) => "pnl_usdc" in one);
      assert.equal(settled.length, 3, "three bets, each with its profit or loss");
      for (const one of settled) assert.ok(["win", "loss"].includes(String(one["outcome"])));
      await go(24, "https://faucet.purpleflea.com/api/claim", undefined, {
        amount: "number",
        tx_hash: "text",
      });
      sandbox.venue.assertInvariants();
    });

    test("the fifth guide: row 14", async () => {
      await using sandbox = await openVenue();
      const agent = await register(sandbox, way, "resilient");
      const headers = { ...bearer(agent), "Idempotency-Key": "3a7bd3e2360a3d29" };
      const ask = {
        method: "POST",
        url: "https://purpleflea.com/api/trade",
        headers,
        json: { asset: "BTC", size: 0.01 },
      } as const;
      const first = await replay(sandbox, way, { row: 14, ask, reads: { order_id: "text" } });
      const again = await replay(sandbox, way, { row: 14, ask, reads: { order_id: "text" } });
      assert.equal(again["order_id"], first["order_id"]);
    });
  });
}

/** The second guide's check of a webhook, over the bytes as they came. */
function isSigned(secret: string, body: Buffer, header: string): boolean {
  const expected = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  return (
    header.length === expected.length && timingSafeEqual(Buffer.from(header), Buffer.from(expected))
  );
}

test("T1: the second guide's stream, row 25", async () => {
  await using sandbox = await openVenue();
  const agent = await register(sandbox, "prefix", "listener");
  const url = `${sandbox.url.replace("http", "ws")}/api/stream`;
  const socket = new WebSocket(url, { headers: withBotId(agent) });
  await once(socket, "open");
  const events: Json[] = [];
  let cursor = "";
  const settled = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    const event = JSON.parse(data.toString()) as Json;
    cursor = typeof event["eventId"] === "string" ? event["eventId"] : cursor;
    if (event["eventId"] === undefined) ready.resolve();
    events.push(event);
    if (event["type"] === "wallet.balance_changed") settled.resolve();
  });
  const topics = ["market.*", "wallet.*", "escrow.*", "job.*"];
  socket.send(JSON.stringify({ action: "subscribe", resumeFrom: "", topics }));
  await ready.promise;
  const post = { method: "POST", headers: bearer(agent) };
  await fetch(`${sandbox.url}/@faucet/api/claim`, post);
  await settled.promise;
  socket.close();
  const changed = events.find(({ type }) => type === "wallet.balance_changed");
  assert.match(String(changed?.["eventId"]), /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assert.equal(cursor, changed?.["eventId"]);
  assert.equal(changed?.["agentId"], agent.id);
  assert.equal(changed?.["ts"], START);
  const payload = changed?.["payload"] as Json | undefined;
  assert.equal(payload?.["new_balance_usdc"], 10_001);
});

test("T1: the second guide's webhook receiver, row 26", async () => {
  await using sandbox = await openVenue();
  const payer = await register(sandbox, "prefix", "payer");
  const payee = await register(sandbox, "prefix", "payee");
  let secret = "";
  const seen = new Set<string>();
  const answers: Json[] = [];
  const told = Promise.withResolvers<Json>();
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      if (!isSigned(secret, body, String(request.headers["x-pf-signature"]))) {
        response.writeHead(403).end();
        return;
      }
      const event = JSON.parse(body.toString()) as Json;
      const id = String(event["eventId"]);
      const answer = { status: seen.has(id) ? "duplicate" : "ok" };
      seen.add(id);
      answers.push(answer);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      if (event["type"] === "escrow.released") told.resolve(event);
    });
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  try {
    const { port } = receiver.address() as AddressInfo;
    const ask = (agent: Agent, path: string, json: unknown): Promise<{ body: Json }> =>
      answered(sandbox, "prefix", {
        method: "POST",
        url: `https://purpleflea.com${path}`,
        headers: bearer(agent),
        json,
      });
    const url = `http://127.0.0.1:${port}/webhooks/pf`;
    const made = await ask(payee, "/api/webhooks", { url, topics: ["escrow.*"] });
    secret = String(made.body["secret"]);
    const escrow = { amount_usd: 5, counterparty: payee.id, condition: "done" };
    const { body } = await ask(payer, "/api/v1/escrow/create", escrow);
    await ask(payer, "/api/v1/escrow/release", { escrow_id: body["escrow_id"] });
    await sandbox.venue.advanceTo(START + DAY_MS / 24);
    const event = await told.promise;
    assert.equal((event["payload"] as Json)["amount_usdc"], 5);
    assert.equal(event["agentId"], payee.id);
    assert.ok(answers.every(({ status }) => status === "ok"));
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
});
