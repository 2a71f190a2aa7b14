// The control API: how the CLI and the console reach a running engine. Any web page can post to a loopback
// port, so it wants its own host name, no foreign origin, JSON, and a token.

import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import {
  type Engine,
  type Failure,
  HoldfastError,
  encodePayload,
  parseId,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { AnyWorkflow } from "../config/config.ts";
import { plain, plainOf } from "./plain.ts";

export interface ControlServer extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

export interface ControlOptions {
  readonly engine: Engine;
  readonly workflows: readonly AnyWorkflow[];
  readonly accounts: readonly string[];
  /** 0 takes a free port. Default 0. */
  readonly port?: number;
}

/** Largest body, in bytes. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Longest wait for a result, in milliseconds. */
const RESULT_WAIT_MS_MAX = 60_000;

const Start = z.object({
  workflow: z.string(),
  input: z.unknown().optional(),
  id: z.string().optional(),
  account: z.string().default("default"),
  onOpen: z.enum(["attach", "fail", "replace"]).optional(),
  onClosed: z.enum(["fail", "attach", "restart-failed", "restart"]).optional(),
  effects: z.enum(["continue", "again"]).optional(),
  delayMs: z.number().optional(),
  requestId: z.string().optional(),
});
const Signal = z.object({
  signal: z.string(),
  payload: z.unknown().optional(),
  requestId: z.string().optional(),
});
const Query = z.object({ query: z.string() });
const Cancel = z.object({
  reason: z.string().default("cancelled by a person"),
  requestId: z.string().optional(),
});
const Resolve = z.object({
  key: z.string(),
  resolution: z.enum(["done", "not-done", "resend"]),
  output: z.unknown().optional(),
  reason: z.string().min(1),
  actor: z.string().min(1),
  requestId: z.string().optional(),
});

export async function openControl(options: ControlOptions): Promise<ControlServer> {
  const token = randomBytes(24).toString("base64url");
  const app = createControlApp(options, token);
  const server = createServer(getRequestListener(app.fetch));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

export function createControlApp(
  { engine, workflows, accounts }: ControlOptions,
  token: string,
): Hono {
  const app = new Hono();
  const byName = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  app.get("/health", () => Response.json({ status: "ok" }));
  app.use("/api/*", async (c, next) => {
    guard(c, token);
    await next();
  });
  app.use("/api/*", bodyLimit({ maxSize: BODY_BYTES_MAX }));
  app.onError((error) => problem(toFailure(error)));
  app.notFound((c) =>
    problem(
      toFailure(
        new HoldfastError(
          "HF-CONTROL-UNKNOWN-PATH",
          `The control API has no ${c.req.method} ${c.req.path}.`,
        ),
      ),
    ),
  );

  app.get("/api/status", async () => {
    const { runs } = await engine.list({ status: "open", limit: 1_000 });
    return Response.json({
      status: "ok",
      pid: process.pid,
      open: runs.length,
      workflows: [...byName.keys()].sort(),
      accounts,
    });
  });
  app.get("/api/runs", async (c) => {
    const query = c.req.query();
    const { runs, cursor } = await engine.list({
      workflow: query["workflow"],
      status: query["status"] as never,
      account: query["account"],
      idPrefix: query["id"],
      limit: query["limit"] === undefined ? undefined : Number(query["limit"]),
      cursor: query["cursor"],
    });
    return Response.json({ runs, cursor });
  });
  app.post("/api/runs", async (c) => {
    const start = await body(c, Start);
    const workflow =
      byName.get(start.workflow) ?? unknownWorkflow(start.workflow, [...byName.keys()]);
    if (!accounts.includes(start.account)) {
      throw new HoldfastError(
        "HF-ACCOUNT-UNKNOWN",
        `Cannot act for account "${start.account}": the project has ${accounts.join(", ")}.`,
        { disposition: "refused" },
      );
    }
    const what = `the input of workflow ${workflow.name}`;
    const id = parseId(start.id ?? `${workflow.name}-${randomUUID()}`, "workflow id");
    const [applied] = await engine.apply([
      {
        ...start,
        kind: "start",
        id,
        input: encodePayload(parseWith(workflow.input, start.input, what), what),
        requestId: start.requestId ?? randomUUID(),
      },
    ]);
    return Response.json(
      { id, ...(applied?.kind === "start" ? applied.started : {}) },
      { status: 201 },
    );
  });
  app.get("/api/runs/:id/history", async (c) =>
    Response.json({ entries: await engine.history(c.req.param("id")) }),
  );
  app.get("/api/runs/:id/result", async (c) => {
    const timeoutMs = Math.min(
      Number(c.req.query("timeoutMs") ?? RESULT_WAIT_MS_MAX),
      RESULT_WAIT_MS_MAX,
    );
    const result = await engine.result({ id: c.req.param("id"), timeoutMs });
    return Response.json(
      result.kind === "completed" ? { kind: "completed", output: plainOf(result.output) } : result,
    );
  });
  app.post("/api/runs/:id/signal", async (c) => {
    const id = c.req.param("id");
    const { signal, payload, requestId } = await body(c, Signal);
    const workflow = byName.get((await engine.describe(id)).workflow);
    const schema = workflow?.signals[signal];
    const parsed = schema === undefined ? payload : parseWith(schema, payload, `signal ${signal}`);
    await engine.apply([
      {
        kind: "signal",
        id,
        signal,
        payload: encodePayload(parsed, `signal ${signal}`),
        requestId: requestId ?? randomUUID(),
      },
    ]);
    return Response.json({ delivered: true });
  });
  app.post("/api/runs/:id/query", async (c) => {
    const { query } = await body(c, Query);
    return Response.json({ answer: plainOf(await engine.query({ id: c.req.param("id"), query })) });
  });
  app.post("/api/runs/:id/cancel", async (c) => {
    const { reason, requestId } = await body(c, Cancel);
    await engine.apply([
      { kind: "cancel", id: c.req.param("id"), reason, requestId: requestId ?? randomUUID() },
    ]);
    return Response.json({ requested: true });
  });
  app.post("/api/runs/:id/resolve", async (c) => {
    const { key, resolution, output, reason, actor, requestId } = await body(c, Resolve);
    await engine.apply([
      {
        kind: "resolve",
        id: c.req.param("id"),
        key,
        reason,
        actor,
        requestId: requestId ?? randomUUID(),
        resolution:
          resolution === "done"
            ? { kind: "done", output: encodePayload(output, "the receipt") }
            : { kind: resolution },
      },
    ]);
    return Response.json({ resolved: true });
  });
  app.get("/api/runs/:id", async (c) => {
    const { input, output, ...run } = await engine.describe(c.req.param("id"));
    return Response.json(plain({ ...run, input: plainOf(input), output: plainOf(output) }));
  });
  return app;
}

/** @throws HF-CONTROL-FORBIDDEN, HF-CONTROL-TOKEN */
function guard(c: Context, token: string): void {
  const host = c.req.header("host") ?? "";
  const { port } = new URL(c.req.url);
  if (!["127.0.0.1", "localhost", "[::1]"].some((name) => host === `${name}:${port}`))
    throw forbidden("the Host is not this one's");
  const origin = c.req.header("origin");
  if (origin !== undefined && origin !== `http://${host}`)
    throw forbidden("the Origin is another page's");
  if (
    c.req.method !== "GET" &&
    !(c.req.header("content-type") ?? "").startsWith("application/json")
  ) {
    throw forbidden("only JSON is taken (content-type: application/json)");
  }
  const given = Buffer.from(
    /^Bearer\s+(\S+)$/iu.exec(c.req.header("authorization") ?? "")?.[1] ?? "",
  );
  const wanted = Buffer.from(token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new HoldfastError(
      "HF-CONTROL-TOKEN",
      "Cannot talk to the control API: the token is missing or wrong. It is in control.json of the state folder.",
      { disposition: "refused" },
    );
  }
}

function forbidden(why: string): HoldfastError {
  return new HoldfastError("HF-CONTROL-FORBIDDEN", `Cannot talk to the control API: ${why}.`, {
    disposition: "refused",
  });
}

async function body<Value>(c: Context, schema: z.ZodType<Value>): Promise<Value> {
  let value: unknown;
  try {
    value = await c.req.json();
  } catch {
    throw new HoldfastError("HF-CONTROL-MALFORMED", "Cannot read the body: it is not JSON.", {
      class: "data",
      disposition: "refused",
    });
  }
  return parseWith(schema as never, value, "the body") as Value;
}

function unknownWorkflow(name: string, known: readonly string[]): never {
  throw new HoldfastError(
    "HF-WORKFLOW-UNKNOWN",
    `Cannot find workflow "${name}": the project has ${[...known].sort().join(", ")}.`,
    { class: "data", disposition: "refused" },
  );
}

const STATUSES: Readonly<Record<string, number>> = {
  "HF-CONTROL-TOKEN": 401,
  "HF-CONTROL-FORBIDDEN": 403,
  "HF-CONTROL-UNKNOWN-PATH": 404,
  "HF-RUN-UNKNOWN": 404,
  "HF-WORKFLOW-UNKNOWN": 404,
  "HF-RUN-EXISTS": 409,
  "HF-RUN-CLOSED": 409,
  "HF-NOT-IN-DOUBT": 409,
  "HF-RESULT-TIMEOUT": 408,
  "HF-ENGINE-CLOSED": 503,
  "HF-STATE-FULL": 507,
  "HF-STORE-FAILED": 503,
};

function problem(failure: Failure): Response {
  const status =
    STATUSES[failure.code] ??
    (failure.disposition === "refused"
      ? 422
      : failure.code.startsWith("HF-") && failure.code !== "HF-USER-ERROR"
        ? 400
        : 500);
  return new Response(
    JSON.stringify({
      type: `https://holdfast.dev/errors/${failure.code}`,
      title: failure.code,
      status,
      detail: failure.message,
      code: failure.code,
      details: plain(failure.details),
    }),
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new HoldfastError(
              "HF-PORT-IN-USE",
              `Cannot listen on port ${port}: another program does. Choose another port, or stop that program.`,
              { class: "resource" },
            )
          : error,
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}
