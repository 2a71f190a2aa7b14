// Malformed requests of every kind over every path: each is refused with a 4xx and a problem document, none ends
// in a 5xx, and the ledger and the commands are as they were. The seed of what fails is in its message.

import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { Problem } from "@holdfast/purpleflea/wire";
import { type Chance, createChance } from "../fixture/chance.ts";
import { START, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import type { Sandbox } from "../sandbox.ts";
import { ROUTES } from "./routes.ts";

const everything = process.env["HOLDFAST_TEST_ALL"] === "1";
const REQUESTS = everything ? 100_000 : 3_000;
const SEED = process.env["HOLDFAST_FUZZ_SEED"] ?? "fuzz";
const AT_ONCE = 32;
/** One in so many is no HTTP at all. */
const RAW_ONE_IN = 40;

interface Malformed {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const STRANGE = [
  "",
  " ",
  "\u0000",
  "\u202e",
  "\ud800",
  "💥",
  "a".repeat(5_000),
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "%00",
  "%zz",
  "'; DROP TABLE agent; --",
  "<script>alert(1)</script>",
  "null",
  "NaN",
  "-0",
  "1e999",
  "9".repeat(400),
  "0x10",
  "١٢٣",
];
const NUMBERS = ["-1", "0", "-0.0", "1e400", "1e-400", "0.0000001", "99999999999999999999", "NaN"];

function strangeValue(chance: Chance, depth = 0): string {
  switch (chance.whole(10)) {
    case 0:
      return chance.pick(NUMBERS);
    case 1:
      return JSON.stringify(chance.pick(STRANGE));
    case 2:
      return chance.pick(["null", "true", "[]", "{}", "Infinity", "undefined"]);
    case 3:
      return "[".repeat(1 + chance.whole(2_000));
    case 4:
      return depth > 3 ? "{}" : `[${strangeValue(chance, depth + 1)}]`;
    case 5:
      return depth > 3 ? "[]" : `{"a":${strangeValue(chance, depth + 1)}}`;
    case 6:
      return `{"__proto__":{"admin":true}}`;
    default:
      return JSON.stringify(String(chance.magnitude(30)));
  }
}

const FIELDS = [
  "symbol",
  "side",
  "size",
  "leverage",
  "quantity",
  "amount",
  "position_id",
  "order_id",
  "type",
  "limit_price",
  "name",
  "label",
  "scopes",
  "to",
  "escrow_id",
  "game",
  "target",
  "url",
  "client_request_id",
  "idempotency_key",
  "ref",
  "__proto__",
  "constructor",
  "toString",
];

/** A body that no path takes: broken, or without what the path needs and with what it cannot be. */
function malformedBody(chance: Chance): Buffer {
  switch (chance.whole(8)) {
    case 0:
      return Buffer.from(`{"symbol": "BTC-PERP", "side": "lo`);
    case 1:
      // Some paths take an empty object.
      return Buffer.from(`${strangeValue(chance)}!`);
    case 2:
      return Buffer.from([0xff, 0xfe, chance.whole(256), 0x7b, 0xc3, 0x28]);
    case 3:
      return Buffer.from(`{"a":`.repeat(1 + chance.whole(3_000)));
    case 4:
      return Buffer.from(`{"client_request_id": ${chance.pick(["1", "[]", '""', '"\\u0000"'])}}`);
    case 5:
      return Buffer.from(`"${chance.pick(STRANGE)}"`);
    case 6:
      return Buffer.from(`{"x": "${"y".repeat(300_000)}"}`);
    default: {
      const count = 1 + chance.whole(6);
      const fields = Array.from(
        { length: count },
        () => `${JSON.stringify(chance.pick(FIELDS))}: ${strangeValue(chance)}`,
      );
      return Buffer.from(`{${fields.join(",")}, "broken": }`);
    }
  }
}

const VARIABLE = ROUTES.map(({ host, path }) => `/@${host}${path}`).filter((path) =>
  path.includes(":"),
);

function strangePath(chance: Chance): string {
  const route = chance.pick(ROUTES);
  const known = `/@${route.host}${route.path}`;
  const part = encodeURIComponent(chance.pick(STRANGE).replaceAll("\ud800", "x")).slice(0, 800);
  switch (chance.whole(6)) {
    case 0:
      return `${known}/${part || "x"}`;
    case 1:
      return `/${part}/${chance.pick(["%", "%f", "%ff", "%zz"])}`;
    case 2:
      return `/@${chance.pick(["nobody", "main", "escrow", ""])}/${part}`;
    case 3:
      return `${known.toUpperCase()}?x=${part}`;
    case 4:
      return chance.pick(VARIABLE).replaceAll(/:\w+/gu, "%ff%fe");
    default:
      return `//${part}//${known}`;
  }
}

function strangeHeaders(chance: Chance): Record<string, string> {
  const text = (): string => chance.pick(["", "x", "é", "a".repeat(300), "%00", "\t", "1, 2"]);
  switch (chance.whole(8)) {
    case 0:
      return { "content-type": chance.pick(["text/plain", "multipart/form-data", "x", "a/b;c=d"]) };
    case 1:
      return { "content-encoding": chance.pick(["gzip", "br", "x"]) };
    case 2:
      return { "idempotency-key": text() };
    case 3:
      return { "x-holdfast-ref": chance.pick(["%", "%zz", "é", "a".repeat(400)]) };
    case 4:
      return {
        host: chance.pick(["", "a", "escrow.x", "[::1", "faucet.purpleflea.com:99999", "%"]),
      };
    case 5:
      return { "x-agent-id": text(), accept: text() };
    case 6:
      return { range: "bytes=0-1", "if-match": "*", origin: "null", te: "trailers" };
    default:
      return {};
  }
}

/** A request that must be refused. */
function malformed(chance: Chance, apiKey: string): Malformed {
  const signed = chance.whole(4) > 0;
  const authorization = signed
    ? `Bearer ${apiKey}`
    : chance.pick(["Bearer", "Bearer x", "Basic YTpi", `Bearer ${"k".repeat(3_000)}`, "bearer  é"]);
  const headers = { authorization, ...strangeHeaders(chance) };
  const kind = chance.whole(10);
  const writes = ROUTES.filter((route) => route.kind === "write");
  if (kind < 6) {
    const { host, path } = chance.pick(writes);
    const url = `/@${host}${path.replaceAll(/:\w+/gu, "x")}`;
    return { method: "POST", path: url, headers, body: malformedBody(chance) };
  }
  if (kind < 8) {
    const method = chance.pick(["GET", "POST", "PUT", "DELETE"]);
    return { method, path: strangePath(chance), headers, body: Buffer.alloc(0) };
  }
  const { host, path } = chance.pick(writes);
  const method = chance.pick(["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LOCK", "SEARCH"]);
  return { method, path: `/@${host}${path}`, headers, body: malformedBody(chance) };
}

async function send(url: string, agent: Agent, sent: Malformed): Promise<[number, string]> {
  const { method, path, headers, body } = sent;
  const { hostname, port } = new URL(url);
  // Header values are bytes.
  const encoded = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString("latin1")]),
  );
  const length = { "content-length": String(body.length) };
  const made = request({ hostname, port, method, path, agent, headers: { ...encoded, ...length } });
  made.end(body);
  const [answer] = (await once(made, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return [answer.statusCode ?? 0, Buffer.concat(chunks).toString()];
}

const GARBAGE = [
  "\r\n\r\n",
  "GET\r\n\r\n",
  "\u0016\u0003\u0001\u0002\u0000",
  "POST /api/claim HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
  "POST /api/claim HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
  "GET /api/status HTTP/1.1\r\nhost a\r\n\r\n",
  "GET http://[::1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "GET /\u0000 HTTP/1.1\r\nhost: a\r\n\r\n",
];

/** What comes back for bytes that are no request; empty where the venue only ends the connection. */
async function sendRaw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const closed = once(socket, "close");
  socket.end(Buffer.from(bytes, "latin1"));
  await closed;
  return Buffer.concat(chunks).toString();
}

function check(status: number, body: string, said: string, isRead = false): void {
  // A strange name may be one that is asked for: nothing is known of it.
  if (isRead && status === 200) return;
  assert.ok(status >= 400 && status < 500, `${status} ${body.slice(0, 500)}\n${said}`);
  const problem = Problem.parse(JSON.parse(body));
  assert.equal(problem.status, status, said);
}

async function fuzzOne(sandbox: Sandbox, agent: Agent, apiKey: string, n: number): Promise<void> {
  const chance = createChance(`${SEED}/${n}`);
  if (chance.whole(RAW_ONE_IN) === 0) {
    const bytes = chance.pick(GARBAGE);
    const text = await sendRaw(sandbox.url, bytes);
    const said = `HOLDFAST_FUZZ_SEED=${SEED}, request ${n}: ${JSON.stringify(bytes)}`;
    if (text === "") return;
    const status = Number(/^HTTP\/1.1 (\d{3})/u.exec(text)?.[1]);
    check(status, text.slice(text.indexOf("\r\n\r\n")), said);
    return;
  }
  const sent = malformed(chance, apiKey);
  const shown = { ...sent, body: sent.body.toString("latin1").slice(0, 2_000) };
  const said = `HOLDFAST_FUZZ_SEED=${SEED}, request ${n}: ${JSON.stringify(shown)}`;
  const isRead = sent.method === "GET";
  const [status, body] = await send(sandbox.url, agent, sent).catch((cause: unknown) => {
    throw new Error(`no answer\n${said}`, { cause });
  });
  check(status, body, said, isRead);
}

/** What must not change: every row that is money or a command. */
function stateOf({ venue }: Sandbox, agent: string): unknown {
  return {
    effects: venue.effects({}, 0, 10_000),
    balance: venue.balance(agent),
    transactions: venue.transactions(agent, 1_000),
    orders: venue.orders(agent, 1_000),
    positions: venue.positions(agent),
    audit: { ...venue.audit(), at: 0 },
  };
}

test(`${REQUESTS} malformed requests are refused, and change nothing`, async () => {
  await using sandbox = await openTestSandbox({
    verify: false,
    clock: { mode: "frozen", now: START },
  });
  const { id, apiKey } = await registerAgent(sandbox);
  const before = stateOf(sandbox, id);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < REQUESTS) {
      const n = next;
      next += 1;
      await fuzzOne(sandbox, agent, apiKey, n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  agent.destroy();
  assert.deepEqual(stateOf(sandbox, id), before);
  sandbox.venue.assertInvariants();
});
