// The routes of the control API, over the Engine port. Values enter through the schemas of the project and
// leave as plain JSON; nothing here decides anything of its own.

import { randomUUID } from "node:crypto";
import {
  type Clock,
  type Engine,
  type Guard,
  createClient,
  encodePayload,
  parseId,
  parseWith,
} from "@holdfast/core";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AnyWorkflow } from "../config/config.ts";
import type { ApprovalLinks } from "../host/approval-link.ts";
import { addApprovalPage } from "./approval-page.ts";
import { addBreakers } from "./breaker-routes.ts";
import type { WatchReport } from "../watch/watch.ts";
import { addDecisions } from "./dead-routes.ts";
import { type Drainable, addDrain } from "./drain-routes.ts";
import { type Closer, addGuardWrites } from "./guard-routes.ts";
import { checkAddress, guard } from "./guard.ts";
import { plain } from "./plain.ts";
import { refusal } from "./problem.ts";
import { type Reads, addReads, answerProblems } from "./read-routes.ts";
import {
  CancelBody,
  QueryBody,
  ResolveBody,
  SignalBody,
  StartBody,
  TerminateBody,
  UpdateBody,
  readBody,
} from "./request.ts";

export interface ControlOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** The engine, where runs may leave it for another one. */
  readonly drainable?: Drainable | undefined;
  /** A run in Temporal's event model. */
  readonly temporalHistory: Reads["temporalHistory"];
  readonly workflows: readonly AnyWorkflow[];
  /** How the process stands against its limits; absent where nothing is watched. */
  readonly watch?: (() => WatchReport) | undefined;
  /** Absent where the engine has none. */
  readonly guard?: Guard | undefined;
  readonly closer?: Closer | undefined;
  /** Made where approvals are answered by link. */
  readonly links?: ApprovalLinks | undefined;
  /** Where people reach the pages of approvals, beside this machine. */
  readonly linkBase?: string | undefined;
  readonly accounts: readonly string[];
  readonly venue: {
    readonly url: string;
    readonly mode: "paper" | "live";
    readonly auditUrl: string | undefined;
  };
}

/** Largest body, in bytes: a payload of 2 MiB, escaped. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** Longest wait for the answer of an update, in milliseconds; with the same request id it is asked for again. */
const UPDATE_WAIT_MS = 60_000;

/** The application behind `token`, on the port that `ownPort` names once it listens. */
export function createControlApp(
  options: ControlOptions,
  ownPort: () => number,
  token: string,
): Hono {
  const app = new Hono();
  const linkBase = options.linkBase === undefined ? undefined : new URL(options.linkBase);
  app.use("*", async (c, next) => {
    const isPage = c.req.path.startsWith("/approve/");
    checkAddress(c.req.raw, ownPort(), isPage ? linkBase : undefined);
    await next();
  });
  // Anybody on this machine may ask: it says how, not how much.
  app.get("/health", (c) => {
    const { status } = options.watch?.() ?? { status: "ok" };
    return c.json({ status });
  });
  app.use("/api/*", async (c, next) => {
    guard(c.req.raw, ownPort(), token);
    await next();
  });
  app.use(
    "/api/*",
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => {
        throw refusal(
          "HF-CONTROL-TOO-LARGE",
          `Cannot take this body: it is larger than ${BODY_BYTES_MAX} bytes.`,
        );
      },
    }),
  );
  answerProblems(app);
  addStatus(app, options);
  addReads(app, options);
  addStart(app, options);
  addMessages(app, options);
  addEnds(app, options);
  addDecisions(app, options.engine);
  addBreakers(app, options.engine);
  addDrain(app, options.drainable);
  const { links, clock } = options;
  addGuardWrites(app, { guard: options.guard, closer: options.closer, clock });
  if (links !== undefined) addApprovalPage(app, { guard: options.guard, clock, links });
  return app;
}

function addStatus(app: Hono, options: ControlOptions): void {
  const { engine, clock, workflows, accounts, venue } = options;
  app.get("/api/status", async (c) => {
    const { runs } = await engine.list({ status: "open", limit: 1_000 });
    const watch = options.watch?.();
    return c.json({
      status: watch?.status ?? "ok",
      watch: watch?.resources ?? [],
      now: clock.now(),
      pid: process.pid,
      open: runs.length,
      workflows: workflows.map(({ name }) => name).sort(),
      accounts,
      venue,
    });
  });
}

function addStart(app: Hono, { engine, workflows, accounts }: ControlOptions): void {
  app.post("/api/runs", async (c) => {
    const {
      workflow: name,
      input,
      account = defaultOf(accounts),
      ...start
    } = await readBody(c.req.raw, StartBody);
    const workflow = workflowNamed(workflows, name);
    if (!accounts.includes(account)) {
      throw refusal(
        "HF-ACCOUNT-UNKNOWN",
        `Cannot act for account "${account}": the project has ${accounts.join(", ")}.`,
      );
    }
    const what = `the input of workflow ${name}`;
    const id = parseId(start.id ?? `${name}-${randomUUID()}`, "workflow id");
    const [applied] = await engine.apply([
      {
        ...start,
        kind: "start",
        workflow: name,
        id,
        account,
        input: encodePayload(parseWith(workflow.input, input, what), what),
        requestId: start.requestId ?? randomUUID(),
      },
    ]);
    return c.json({ id, ...(applied?.kind === "start" ? applied.started : {}) }, 201);
  });
}

function addMessages(app: Hono, { engine, workflows }: ControlOptions): void {
  const client = createClient({ engine, newId: randomUUID });
  const handle = async (id: string) => {
    const { workflow } = await engine.describe(id);
    return client.run(workflowNamed(workflows, workflow), id);
  };
  app.post("/api/runs/:id/signal", async (c) => {
    const { signal, payload, requestId } = await readBody(c.req.raw, SignalBody);
    const run = await handle(c.req.param("id"));
    await run.signal(signal, payload, requestId === undefined ? {} : { requestId });
    return c.json({ delivered: true });
  });
  app.post("/api/runs/:id/query", async (c) => {
    const { query } = await readBody(c.req.raw, QueryBody);
    const run = await handle(c.req.param("id"));
    return c.json({ answer: plain(await run.query(query)) ?? null });
  });
  app.post("/api/runs/:id/update", async (c) => {
    const { update, input, requestId } = await readBody(c.req.raw, UpdateBody);
    const run = await handle(c.req.param("id"));
    const options = { timeout: UPDATE_WAIT_MS, ...(requestId === undefined ? {} : { requestId }) };
    return c.json({ answer: plain(await run.update(update, input, options)) ?? null });
  });
}

/** Ways in which a person ends a run, or an effect in doubt. */
function addEnds(app: Hono, { engine }: ControlOptions): void {
  app.post("/api/runs/:id/cancel", async (c) => {
    const { reason, requestId = randomUUID() } = await readBody(c.req.raw, CancelBody);
    await engine.apply([{ kind: "cancel", id: c.req.param("id"), reason, requestId }]);
    return c.json({ requested: true });
  });
  app.post("/api/runs/:id/terminate", async (c) => {
    const { reason } = await readBody(c.req.raw, TerminateBody);
    await engine.apply([{ kind: "terminate", id: c.req.param("id"), reason }]);
    return c.json({ terminated: true });
  });
  app.post("/api/runs/:id/resolve", async (c) => {
    const { output, resolution, requestId, ...rest } = await readBody(c.req.raw, ResolveBody);
    await engine.apply([
      {
        ...rest,
        kind: "resolve",
        id: c.req.param("id"),
        requestId: requestId ?? randomUUID(),
        // The engine applies the activity's own schema to the receipt.
        resolution:
          resolution === "done"
            ? { kind: "done", output: encodePayload(output, "the receipt") }
            : { kind: resolution },
      },
    ]);
    return c.json({ resolved: true });
  });
}

/** Where a project has but one agent, nobody needs to name it. */
function defaultOf(accounts: readonly string[]): string {
  return accounts.length === 1 ? (accounts[0] ?? "default") : "default";
}

function workflowNamed(workflows: readonly AnyWorkflow[], name: string): AnyWorkflow {
  const found = workflows.find((workflow) => workflow.name === name);
  if (found !== undefined) return found;
  const known = workflows.map((workflow) => workflow.name).sort();
  throw refusal(
    "HF-WORKFLOW-UNKNOWN",
    `Cannot find workflow "${name}": the project has ${known.join(", ")}.`,
  );
}
