// The OpenAPI document against the table of paths and against real answers.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { call, openTestSandbox, registerAgent } from "../fixture/kit.ts";
import { openApi, writtenPath } from "./openapi.ts";
import { ROUTES } from "./routes.ts";

type Schema = Parameters<typeof z.fromJSONSchema>[0];

interface Operation {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly parameters: readonly { readonly name?: string; readonly $ref?: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly "x-scope"?: string;
  readonly "x-extension"?: true;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const made = openApi(ROUTES) as unknown as Document;

function operations(): readonly (readonly [string, Operation])[] {
  return Object.entries(made.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [`${method} ${path}`, one] as const),
  );
}

function answerSchema(name: string): Schema {
  const [method = "", path = ""] = name.split(" ");
  const found = made.paths[path]?.[method]?.responses["2XX"]?.content?.["application/json"];
  assert.ok(found !== undefined, name);
  return found.schema;
}

describe("the OpenAPI document", () => {
  test("has every row of the table, and nothing else", () => {
    const rows = ROUTES.map((route) => `${route.method.toLowerCase()} ${writtenPath(route)}`);
    assert.deepEqual(
      operations()
        .map(([name]) => name)
        .toSorted(),
      rows.toSorted(),
    );
    assert.equal(new Set(rows).size, ROUTES.length, "no two rows are one path and method");
  });

  test("is served to everybody, as it is made", async () => {
    await using sandbox = await openTestSandbox();
    const { status, text } = await call(`${sandbox.url}/openapi.json`);
    assert.equal(status, 200);
    assert.equal(text, JSON.stringify(made));
    assert.equal(made.openapi, "3.1.0");
  });

  test("names each operation once, its parameters, its scope and its key", () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [name, { parameters, security, ...operation }] of operations()) {
      const inPath = [...name.matchAll(/\{(\w+)\}/gu)].map(([, one]) => one);
      const named = parameters.map(({ name: one }) => one);
      for (const one of inPath) assert.ok(named.includes(one), name);
      assert.equal(operation["x-scope"] === undefined, security.length === 0, name);
      const isWrite = parameters.some(({ $ref }) => $ref?.endsWith("/IdempotencyKey") === true);
      assert.equal(isWrite, operation.requestBody !== undefined, name);
    }
  });

  test("says which paths the guides do not have", () => {
    const isExtension = (name: string): boolean | undefined => {
      const [method = "", path = ""] = name.split(" ");
      return made.paths[path]?.[method]?.["x-extension"];
    };
    assert.equal(isExtension("post /api/v1/trade"), undefined);
    assert.equal(isExtension("post /@faucet/api/register"), undefined);
    assert.equal(isExtension("post /api/orders"), true);
    assert.equal(isExtension("get /api/keys"), true);
  });

  test("refers to nothing that it does not have", () => {
    for (const [, name, part] of JSON.stringify(made).matchAll(/"#\/components\/(\w+)\/(\w+)"/gu)) {
      assert.ok(made.components[name ?? ""]?.[part ?? ""] !== undefined, `${name}/${part}`);
    }
  });

  test("has schemas that a reader of JSON Schema takes", () => {
    let read = 0;
    for (const [name, { requestBody, responses }] of operations()) {
      const contents = [
        requestBody?.content,
        ...Object.values(responses).map((one) => one.content),
      ];
      for (const content of contents) {
        const schema = content?.["application/json"]?.schema;
        if (schema === undefined) continue;
        assert.doesNotThrow(() => z.fromJSONSchema(schema), name);
        read += 1;
      }
    }
    assert.ok(read > ROUTES.length);
  });

  test("says of answers what is answered", async () => {
    await using sandbox = await openTestSandbox();
    const agent = await registerAgent(sandbox);
    const order = { symbol: "BTC-PERP", side: "long", size: 25 };
    const opened = await agent.post("/api/v1/trade", order);
    const placed = await agent.post("/api/orders", { ...order, type: "limit", limit_price: "1" });
    const { position_id } = opened.body;
    const answers = {
      "post /api/v1/trade": opened,
      "post /api/orders": placed,
      "get /api/orders": await agent.get("/api/orders"),
      "get /api/trade/positions": await agent.get("/api/trade/positions"),
      "get /api/portfolio": await agent.get("/api/portfolio"),
      "get /api/wallet/balance": await agent.get("/api/wallet/balance"),
      "get /api/wallet/transactions": await agent.get("/api/wallet/transactions"),
      "get /api/market/prices": await agent.get("/api/market/prices"),
      "get /api/status": await agent.get("/api/status"),
      "post /api/keys": await agent.post("/api/keys", { label: "k" }),
      "get /api/keys": await agent.get("/api/keys"),
      "post /api/claim": await agent.post("/api/claim"),
      "post /api/wallet/deposit": await agent.post("/api/wallet/deposit", { amount: 1 }),
      "post /api/trade/close": await agent.post("/api/trade/close", { position_id }),
      "post /api/trade/close-all": await agent.post("/api/trade/close-all"),
    };
    for (const [name, { status, body }] of Object.entries(answers)) {
      assert.ok(status < 300, name);
      const parsed = z.fromJSONSchema(answerSchema(name)).safeParse(body);
      assert.ok(parsed.success, `${name}: ${parsed.error?.message}`);
    }
    const wrong = z.fromJSONSchema(answerSchema("get /api/wallet/balance"));
    assert.equal(wrong.safeParse({ agent_id: 1 }).success, false);
  });
});
