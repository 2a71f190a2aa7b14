// The client against real servers that misbehave: each failure says what is known of the effect, and no API
// key is ever in what it says.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type AttemptBinding, HoldfastError, hasCode, usdc } from "@holdfast/core";
import { bindPurpleFlea } from "./bound.ts";
import { type PurpleFlea, createPurpleFlea } from "./client.ts";

const KEY = "pf_test_a-very-secret-key";
const order = { symbol: "BTC-PERP", side: "long", sizeUsd: usdc("25.00") } as const;
const mark = { key: "decision-1", ref: "dca/1" } as const;

const opened = {
  position_id: "pos_1",
  order_id: "order_1",
  symbol: "BTC-PERP",
  side: "long",
  entry_price: 60_000,
  entry_price_micros: "60000000000",
  size_micros: "25000000",
  quantity: "0.00041666",
  margin_micros: "25000000",
  fee_micros: "12500",
  liquidation_price: 0,
  liquidation_price_micros: "0",
  leverage: 1,
  status: "open",
};

/** Runs `body` with a client of a server that answers as told. */
async function against(
  answer: RequestListener,
  body: (client: PurpleFlea) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await body(createPurpleFlea({ baseUrl, apiKey: KEY, timeoutMs: 500 }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function answering(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  const error = await promise.then(
    () => assert.fail("it was to fail"),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof HoldfastError, String(error));
  assert.ok(
    !JSON.stringify([error, error.message, error.stack]).includes(KEY),
    "an API key leaked",
  );
  return error;
}

const problem = (code: string): unknown => ({
  type: "x",
  title: "x",
  status: 0,
  code,
  detail: "because",
});

const cases: readonly (readonly [string, RequestListener, string, string, string])[] = [
  ["a 503", answering(503, problem("down")), "HF-VENUE-ERROR", "retry", "unknown"],
  [
    "a 429",
    answering(429, problem("rate_limited"), { "retry-after": "7" }),
    "HF-VENUE-THROTTLED",
    "retry-after",
    "not-sent",
  ],
  [
    "a 402",
    answering(402, {
      ...(problem("insufficient_funds") as object),
      needed_micros: "5",
      available_micros: "3",
    }),
    "PF-INSUFFICIENT-FUNDS",
    "refused",
    "refused",
  ],
  ["a 422", answering(422, problem("invalid_request")), "HF-VENUE-REFUSED", "refused", "refused"],
  [
    "a 401",
    answering(401, problem("unknown_api_key")),
    "HF-VENUE-UNAUTHORISED",
    "refused",
    "refused",
  ],
  [
    "a 409 in flight",
    answering(409, problem("idempotency_in_flight")),
    "HF-VENUE-IN-FLIGHT",
    "retry-after",
    "unknown",
  ],
  ["a proxy's 408", answering(408, "<html>"), "HF-VENUE-ERROR", "retry", "unknown"],
  ["text instead of JSON", answering(200, "<html>"), "HF-VENUE-UNREADABLE", "retry", "unknown"],
  [
    "an answer without its fields",
    answering(200, { ok: true }),
    "HF-VENUE-UNREADABLE",
    "retry",
    "unknown",
  ],
  [
    "a connection that is cut",
    (request) => request.socket.destroy(),
    "HF-VENUE-NO-ANSWER",
    "retry",
    "unknown",
  ],
  [
    "half an answer",
    (_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"position_id":');
      setImmediate(() => response.socket?.destroy());
    },
    "HF-VENUE-NO-ANSWER",
    "retry",
    "unknown",
  ],
  ["no answer at all", () => undefined, "HF-VENUE-NO-ANSWER", "retry", "unknown"],
];

for (const [name, answer, code, disposition, outcome] of cases) {
  test(`a write that meets ${name} is ${outcome}`, async () => {
    await against(answer, async (client) => {
      const error = await failureOf(client.trade.open(order, mark));
      assert.deepEqual(
        [error.code, error.disposition, error.outcome],
        [code, disposition, outcome],
      );
      if (code === "HF-VENUE-THROTTLED") assert.equal(error.retryAfterMs, 7_000);
    });
  });
}

test("a write to a closed port was not sent", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const client = createPurpleFlea({ baseUrl: `http://127.0.0.1:${port}`, apiKey: KEY });
  const error = await failureOf(client.trade.open(order, mark));
  assert.deepEqual([error.code, error.outcome], ["HF-VENUE-UNREACHABLE", "not-sent"]);
});

test("a read may always be repeated", async () => {
  await against(answering(503, problem("down")), async (client) => {
    assert.equal((await failureOf(client.portfolio())).outcome, "not-sent");
  });
});

test("a 409 with the original answer is success, and a write carries key, ref and amount exactly", async () => {
  let seen: unknown;
  const listener: RequestListener = (request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      const { "idempotency-key": key, "x-holdfast-ref": ref } = request.headers;
      seen = { key, ref, body: JSON.parse(text) as unknown };
      answering(409, { ...opened, duplicate: true, original_status: 200 })(request, response);
    });
  };
  await against(listener, async (client) => {
    const answer = await client.trade.open(order, { ...mark, ref: "dca/ü" });
    assert.equal(answer.entry_price_micros, 60_000_000_000n);
    assert.deepEqual(seen, {
      key: "decision-1",
      ref: "dca%2F%C3%BC",
      body: { symbol: "BTC-PERP", side: "long", size: "25.00" },
    });
  });
});

test("a live key is refused unless the mode says so", async () => {
  const client = createPurpleFlea({ baseUrl: "http://127.0.0.1:1", apiKey: "pf_live_secret" });
  const error = await client.portfolio().catch((caught: unknown) => caught);
  assert.ok(hasCode(error, "HF-LIVE-KEY"));
  assert.ok(!error.message.includes("pf_live_secret"));
});

test("a venue that asks to wait is believed in seconds, and in a date by its own clock", async () => {
  const date = "Thu, 05 Mar 2026 10:00:00 GMT";
  const cases: readonly (readonly [Readonly<Record<string, string>>, number | undefined])[] = [
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": "Thu, 05 Mar 2026 10:02:00 GMT", date }, 120_000],
    [{ "retry-after": "Thu, 05 Mar 2026 09:00:00 GMT", date }, 0],
    [{ "retry-after": "9999999999" }, 86_400_000],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "2", ratelimit: '"trade";r=0;t=9' }, 2_000],
    [{ ratelimit: '"trade";r=0;t=9' }, 9_000],
    [{ "x-ratelimit-reset": "4" }, 4_000],
    // An instant, which some send, is none of our clock's.
    [{ "x-ratelimit-reset": "1772704800" }, undefined],
    [{}, undefined],
  ];
  for (const [headers, expected] of cases) {
    await against(answering(429, problem("rate_limited"), headers), async (client) => {
      assert.equal((await failureOf(client.trade.open(order, mark))).retryAfterMs, expected);
    });
  }
});

test("a venue that repeats the API key in its refusal does not bring it into the failure", async () => {
  const refusal = { ...(problem("unknown_api_key") as object), detail: `no agent has ${KEY}` };
  await against(answering(401, refusal), async (client) => {
    const error = await failureOf(client.trade.open(order, mark));
    assert.match(error.message, /PURPLEFLEA_API_KEY.*no agent has \[secret\]/u);
  });
});

test("a key that cannot be looked up or sent says that nothing was sent, and not what it is", async () => {
  const failing = (apiKey: () => string): Promise<HoldfastError> =>
    failureOf(createPurpleFlea({ baseUrl: "http://127.0.0.1:1", apiKey }).trade.open(order, mark));
  const lost = await failing(() => {
    throw new Error(`the store holds ${KEY} and is locked`);
  });
  assert.deepEqual(
    [lost.code, lost.disposition, lost.outcome],
    ["HF-API-KEY-UNAVAILABLE", "retry", "not-sent"],
  );
  const broken = await failing(() => `${KEY}\n`);
  assert.deepEqual([broken.code, broken.outcome], ["HF-API-KEY-INVALID", "refused"]);
  const known = new HoldfastError("HF-API-KEY-MISSING", "Set it.", { outcome: "not-sent" });
  const passed = await failing(() => {
    throw known;
  });
  assert.equal(passed, known);
});

test("a redirect is not followed: the key goes to the venue and nowhere else", async () => {
  let asked = 0;
  const listener: RequestListener = (_request, response) => {
    asked += 1;
    response.writeHead(307, { location: "/elsewhere" }).end();
  };
  await against(listener, async (client) => {
    const error = await failureOf(client.trade.open(order, mark));
    assert.deepEqual([error.outcome, asked], ["unknown", 1]);
  });
});

test("an attempt that is aborted leaves its write unknown", async () => {
  const controller = new AbortController();
  const listener: RequestListener = () => {
    controller.abort();
  };
  await against(listener, async (client) => {
    const error = await failureOf(client.trade.open(order, { ...mark, signal: controller.signal }));
    assert.deepEqual([error.code, error.outcome], ["HF-VENUE-NO-ANSWER", "unknown"]);
  });
});

/** An attempt at a fixed moment. */
function attempt(more: Partial<AttemptBinding> = {}): AttemptBinding {
  const { signal } = new AbortController();
  return {
    ...mark,
    account: "default",
    effect: "money",
    attempt: 1,
    firstSentAt: undefined,
    signal,
    now: () => 0,
    ...more,
  };
}

test("a bound client writes once per attempt, never in a read, and never with an old key", async () => {
  await against(answering(200, opened), async (client) => {
    const bound = bindPurpleFlea(client, attempt());
    await bound.trade.open(order);
    await assert.rejects(bound.trade.open(order), (error) => hasCode(error, "HF-KEY-REUSED"));
    const reader = bindPurpleFlea(client, attempt({ effect: "none" }));
    await assert.rejects(reader.trade.open(order), (error) => hasCode(error, "HF-WRITE-IN-READ"));
    const late = bindPurpleFlea(client, attempt({ firstSentAt: 0, now: () => 23 * 3_600_000 }));
    await assert.rejects(late.trade.open(order), (error) => hasCode(error, "HF-KEY-EXPIRED"));
  });
});

test("a bound client tells its attempt of a quota that an answer used up, whatever the answer is", async () => {
  const spent = { ratelimit: '"trade";r=0;t=12', "ratelimit-policy": '"trade";q=20;w=10' };
  const cases: readonly (readonly [RequestListener, readonly number[]])[] = [
    [answering(200, opened, spent), [500]],
    [answering(422, problem("invalid_request"), spent), [500]],
    [answering(503, problem("down"), spent), [500]],
    [answering(200, "<html>", spent), [500]],
    [answering(200, opened, { ratelimit: '"trade";r=1;t=12' }), []],
    [answering(200, opened), []],
    // It says by its failure how long to wait.
    [answering(429, problem("rate_limited"), { ...spent, "retry-after": "1" }), []],
  ];
  for (const [answer, expected] of cases) {
    const told: number[] = [];
    await against(answer, async (client) => {
      const bound = bindPurpleFlea(client, attempt({ rest: (ms) => void told.push(ms) }));
      await bound.trade.open(order).catch(() => undefined);
      assert.deepEqual(told, expected);
      await bound.trade.positions().catch(() => undefined);
      assert.deepEqual(told, [...expected, ...expected], "a read, too");
      // Whoever binds it need not listen.
      await bindPurpleFlea(client, attempt())
        .trade.open(order)
        .catch(() => undefined);
    });
  }
});
