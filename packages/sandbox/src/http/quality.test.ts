// HTTP beyond the happy path: methods, origins, headers, limits of size and time, sockets that speak something
// else, strictness, and a stop that lets what runs end.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { Problem } from "@holdfast/purpleflea/wire";
import {
  type CallOptions,
  START,
  type TestAgent,
  agentOf,
  call,
  openTestSandbox,
  registerAgent,
} from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";
import { HEADERS_BYTES_MAX } from "./listen.ts";

const ORDER = { symbol: "BTC-PERP", side: "long", size: 25 };

/** Sends bytes and reads until the venue ends the connection. */
async function raw(sandbox: Sandbox, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(sandbox.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

/** The problem document of an answer as it came off the wire. */
function problemOf(text: string): Problem {
  return Problem.parse(JSON.parse(text.slice(text.indexOf("\r\n\r\n"))));
}

describe("methods", () => {
  test("HEAD is answered as GET, without the body", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const headers = { authorization: `Bearer ${agent.apiKey}` };
    const url = `${sandbox.url}/api/wallet/balance`;
    const head = await call(url, { method: "HEAD", headers });
    const get = await call(url, { headers });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.headers.get("content-length"), get.headers.get("content-length"));
    assert.equal((await call(url, { method: "HEAD" })).status, 401);
  });

  test("OPTIONS says what a path takes, and no path is 404", async () => {
    await using sandbox = await openTestSandbox();
    const options = async (path: string) => call(`${sandbox.url}${path}`, { method: "OPTIONS" });
    const orders = await options("/api/orders");
    assert.deepEqual([orders.status, orders.text], [204, ""]);
    assert.equal(orders.headers.get("allow"), "POST, GET, HEAD, OPTIONS");
    assert.equal((await options("/nowhere")).status, 404);
  });

  test("others are 405 with what is allowed", async () => {
    await using sandbox = await openTestSandbox();
    for (const method of ["PUT", "PATCH", "DELETE", "PROPFIND"]) {
      const answer = await call(`${sandbox.url}/api/orders/order_1`, { method });
      assert.deepEqual([answer.status, answer.body.code], [405, "method_not_allowed"]);
      assert.equal(answer.headers.get("allow"), "GET, HEAD, OPTIONS");
    }
  });
});

describe("every answer", () => {
  test("tells browsers to run and to show nothing of it", async () => {
    await using sandbox = await openTestSandbox();
    for (const path of ["/api/status", "/nowhere"]) {
      const { headers } = await call(`${sandbox.url}${path}`);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.equal(headers.get("x-frame-options"), "DENY");
      assert.equal(headers.get("cache-control"), "no-store");
    }
  });
});

describe("origins", () => {
  const preflight = (origin: string): CallOptions => ({
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  });

  test("none may call by default", async () => {
    await using sandbox = await openTestSandbox();
    const { status, headers } = await call(
      `${sandbox.url}/api/v1/trade`,
      preflight("http://localhost:5173"),
    );
    assert.equal(status, 204);
    assert.ok([...headers.keys()].every((name) => !name.startsWith("access-control-")));
  });

  test("those that are named may, and no others", async () => {
    const origin = "http://localhost:5173";
    await using sandbox = await openTestSandbox({ cors: [origin] });
    const url = `${sandbox.url}/api/v1/trade`;
    const asked = await call(url, preflight(origin));
    assert.equal(asked.headers.get("access-control-allow-origin"), origin);
    assert.equal(asked.headers.get("access-control-allow-methods"), "POST, OPTIONS");
    assert.match(asked.headers.get("access-control-allow-headers") ?? "", /idempotency-key/);
    assert.equal(asked.headers.get("access-control-max-age"), "600");
    assert.equal(asked.headers.get("vary"), "origin");
    const answer = await call(`${sandbox.url}/api/status`, { headers: { origin } });
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
    assert.match(answer.headers.get("access-control-expose-headers") ?? "", /retry-after/);
    for (const other of ["http://localhost:5174", "null", "http://localhost:5173.evil.example"]) {
      const foreign = await call(url, preflight(other));
      assert.equal(foreign.headers.get("access-control-allow-origin"), null);
      assert.equal(foreign.headers.get("vary"), "origin");
    }
  });

  test("must be origins", async () => {
    for (const wrong of ["*", "localhost", "http://localhost:5173/", ""]) {
      await assert.rejects(openTestSandbox({ cors: [wrong] }), RangeError);
    }
  });
});

describe("what is no good HTTP", () => {
  test("is answered with a problem document, not with silence", async () => {
    await using sandbox = await openTestSandbox();
    const cases = [
      ["nonsense\r\n\r\n", 400],
      ["GET /api/status HTTP/1.1\r\n\r\n", 400],
      ["GET /api/status HTTP/9.9\r\nhost: a\r\n\r\n", 400],
      [`GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(HEADERS_BYTES_MAX)}\r\n\r\n`, 431],
      ["POST /api/claim HTTP/1.1\r\nhost: a\r\ncontent-length: nan\r\n\r\n", 400],
      ["GET / HTTP/1.1\r\nhost: a\r\nexpect: wonders\r\nconnection: close\r\n\r\n", 417],
      ["CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n", 405],
      ["GET * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", 400],
    ] as const;
    for (const [bytes, status] of cases) {
      const text = await raw(sandbox, bytes);
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), bytes.slice(0, 60));
      assert.equal(problemOf(text).status, status, bytes.slice(0, 60));
    }
    assert.equal((await call(`${sandbox.url}/api/status`)).status, 200);
  });

  test("is refused where a body is encoded, or not UTF-8", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const gzip = await agent.post("/api/claim", {}, { "content-encoding": "gzip" });
    assert.deepEqual([gzip.status, gzip.body.code], [415, "unsupported_encoding"]);
    const response = await fetch(`${sandbox.url}/api/claim`, {
      method: "POST",
      headers: { authorization: `Bearer ${agent.apiKey}` },
      body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    });
    assert.equal(response.status, 400);
  });
});

describe("a strict venue", () => {
  test("takes no write without a key, and no field that it does not know", async () => {
    await using sandbox = await openTestSandbox({ strict: true });
    const agent = await registerAgentStrictly(sandbox);
    const keyless = await agent.post("/api/v1/trade", ORDER);
    assert.deepEqual([keyless.status, keyless.body.code], [400, "missing_key"]);
    const key = { "idempotency-key": "k" };
    const unknown = await agent.post("/api/v1/trade", { ...ORDER, sise: 1 }, key);
    assert.deepEqual([unknown.status, unknown.body.code], [422, "invalid_request"]);
    assert.deepEqual(unknown.body.problems, ["sise: unknown"]);
    const aliased = { pair: "BTC", direction: "buy", size_usdc: "25", client_request_id: "c" };
    assert.equal((await agent.post("/api/v1/trade", aliased)).status, 200);
    const deposit = { asset: "BTC", amount: "0.1", idempotency_key: "d", ref: "r" };
    assert.equal((await agent.post("/api/wallet/deposit", deposit)).status, 200);
    assert.equal((await agent.get("/api/wallet/balance")).status, 200);
  });

  async function registerAgentStrictly(sandbox: Sandbox): Promise<TestAgent> {
    const url = `${sandbox.url}/@faucet/api/register`;
    const body = { name: "strict", client_request_id: "r" };
    const registered = (await call(url, { body })).body;
    return agentOf(sandbox, registered.agent_id, registered.api_key);
  }

  test("is another than the default, which the guides' programs need", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    assert.equal((await agent.post("/api/v1/trade", { ...ORDER, sise: 1 })).status, 200);
  });
});

describe("a stop", () => {
  test("accepts nothing more, and lets a request that has begun end", async () => {
    const sandbox = await openTestSandbox({ clock: { mode: "scaled", now: START, rate: 1 } });
    const agent = await registerAgent(sandbox);
    const body = JSON.stringify({ ...ORDER, client_request_id: "k" });
    const socket = connect(Number(new URL(sandbox.url).port), "127.0.0.1");
    socket.write(
      `POST /api/v1/trade HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${agent.apiKey}\r\n` +
        `expect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    const [asked] = (await once(socket, "data")) as [Buffer];
    assert.match(asked.toString(), /^HTTP\/1.1 100 /);
    const closing = sandbox.close();
    await assert.rejects(call(`${sandbox.url}/api/status`));
    socket.write(body);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 200 /);
    assert.match(answer.toString(), /connection: close/i);
    await closing;
  });

  test("cuts a request that never ends, after a while", async () => {
    const sandbox = await openTestSandbox({ stopGraceMs: 20 });
    const socket = connect(Number(new URL(sandbox.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("POST /api/register HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n");
    socket.write("content-length: 9\r\n\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    await sandbox.close();
    await closed;
  });
});
