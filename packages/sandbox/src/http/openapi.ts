// The API as an OpenAPI 3.1 document, made from the table of paths: what is not in the table is not in the
// document, and the other way round.

import { z } from "zod";
import { CARRIED_LENGTH_MAX, PROBLEM_CODES, Problem } from "@holdfast/purpleflea/wire";
import { SCOPES } from "../agent/scope.ts";
import type { Json } from "../command/command.ts";
import { BODY_BYTES_MAX } from "./body.ts";
import { type ReadRoute, type Route, type WriteRoute, read } from "./route.ts";
import { scopeOf, serviceOf } from "./service.ts";

/** Paths of the published guides. Every other is an extension of the paper venue. */
const GUIDE_PATHS: ReadonlySet<string> = new Set([
  "main POST /api/v1/trade",
  "main GET /api/v1/portfolio",
  "main POST /api/v1/trade/close-all",
  "main GET /api/v1/wallet/balance",
  "main POST /api/v1/casino/bet",
  "main POST /api/v1/escrow/create",
  "main POST /api/v1/escrow/release",
  "main POST /api/v1/domains/register",
  "main POST /api/trade/open",
  "main POST /api/trade/close",
  "main GET /api/trade/positions",
  "main GET /api/market/prices",
  "main GET /api/status",
  "main POST /api/trade",
  "main POST /casino/api/crash/bet",
  "main POST /casino/api/coinflip/bet",
  "main POST /casino/api/dice/roll",
  "escrow POST /api/escrow",
  "escrow POST /api/escrow/:id/release",
  "main GET /api/wallet/balance",
  "main GET /api/wallet/transactions",
  "faucet POST /api/register",
  "faucet POST /api/claim",
]);

/** The row that shows the document of all rows, its own included. */
export function openApiRoutes(routes: () => readonly Route[]): readonly Route[] {
  let document: Json | undefined;
  return [
    read("main", "/openapi.json", "openapi", {
      open: true,
      answer: () => (document ??= openApi(routes())),
    }),
  ];
}

export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = writtenPath(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Holdfast paper venue",
      version: "1",
      description: `A paper venue that speaks the Purple Flea API. Money is play money. Exact amounts stand in fields that end in _micros: integer micro-USDC in a string. Bodies have at most ${BODY_BYTES_MAX} bytes. Paths that begin with /@faucet or /@escrow are also reached by the Host header.`,
    },
    servers: [{ url: "/" }],
    paths,
    components: COMPONENTS,
  };
}

/** "/@faucet/api/register", "/api/orders/{id}". */
export function writtenPath({ host, path }: Pick<Route, "host" | "path">): string {
  const named = path.replaceAll(/:(\w+)/gu, "{$1}");
  return host === "main" ? named : `/@${host}${named}`;
}

function operationOf(route: Route): Json {
  const { host, method, path, operation, open = false } = route;
  const isExtension = !GUIDE_PATHS.has(`${host} ${method} ${path}`);
  const scope = route.scope ?? scopeOf(route);
  return {
    operationId: `${method.toLowerCase()}${writtenPath(route).replaceAll(/[^a-zA-Z0-9]+/gu, "_")}`,
    summary: operation,
    tags: [route.service ?? serviceOf(route)],
    security: open ? [] : [{ apiKey: [] }],
    parameters: [...pathParameters(path), ...(route.kind === "read" ? asked(route) : CARRIERS)],
    ...(route.kind === "write" ? { requestBody: bodyOf(route) } : {}),
    responses: responsesOf(route),
    ...(open ? {} : { "x-scope": scope }),
    ...(isExtension ? { "x-extension": true } : {}),
  };
}

function bodyOf({ schema, aliases }: WriteRoute): Json {
  return {
    content: { "application/json": { schema: schemaOf(schema) } },
    ...(Object.keys(aliases).length === 0 ? {} : { "x-aliases": aliases }),
  };
}

const ANYTHING = { type: "object" } as const;

function responsesOf({ kind, response }: Route): Json {
  const schema = response === undefined ? ANYTHING : schemaOf(response);
  const problem = { $ref: "#/components/responses/Problem" };
  const done = { description: "Done.", content: { "application/json": { schema } } };
  if (kind === "read") return { "2XX": done, "4XX": problem, "5XX": problem };
  return {
    "2XX": { ...done, headers: { "Idempotent-Replayed": REPLAYED } },
    "409": { $ref: "#/components/responses/Duplicate" },
    "4XX": problem,
    "5XX": problem,
  };
}

function pathParameters(path: string): readonly Json[] {
  return [...path.matchAll(/:(\w+)/gu)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function asked({ query }: ReadRoute): readonly Json[] {
  const shape: Readonly<Record<string, z.ZodType>> = query?.shape ?? {};
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    in: "query",
    schema: schemaOf(schema),
  }));
}

/** As it goes over the wire. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...written } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  return written;
}

const REPLAYED = { schema: { type: "string", const: "true" } } as const;

const CARRIERS: readonly Json[] = [
  { $ref: "#/components/parameters/IdempotencyKey" },
  { $ref: "#/components/parameters/Ref" },
];

const carried = { type: "string", minLength: 1, maxLength: CARRIED_LENGTH_MAX } as const;

const COMPONENTS: Json = {
  securitySchemes: {
    apiKey: {
      type: "http",
      scheme: "bearer",
      description: `An API key (pf_test_…) with the scope that x-scope names: ${SCOPES.join(", ")}, or "full" for a key with all of them and no end.`,
    },
  },
  parameters: {
    IdempotencyKey: {
      name: "Idempotency-Key",
      in: "header",
      description:
        "The caller's name for this one effect: a repetition within 24 hours of the venue's time is answered, not carried out. The body's client_request_id and idempotency_key do the same.",
      schema: carried,
    },
    Ref: {
      name: "X-Holdfast-Ref",
      in: "header",
      description: "The business name of the decision behind it, percent-encoded: for the audit.",
      schema: { type: "string" },
    },
  },
  schemas: {
    Problem: {
      ...schemaOf(Problem),
      description: `A problem document (RFC 9457). Its codes: ${Object.keys(PROBLEM_CODES).join(", ")}.`,
    },
  },
  responses: {
    Problem: {
      description: "Refused; nothing changed.",
      headers: { "Retry-After": { schema: { type: "string" } } },
      content: {
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      },
    },
    Duplicate: {
      description:
        "Refused, or a repetition under the body's idempotency_key: then the original answer with duplicate and original_status.",
      content: {
        "application/json": { schema: ANYTHING },
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      },
    },
  },
};
