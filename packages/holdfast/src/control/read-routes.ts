// What can be asked of a journal, over HTTP or, where nothing runs, in the process of a command: runs, their
// history and result, and the dead letters. Changes nothing.

import { type Clock, type Engine, toFailure } from "@holdfast/core";
import type { ReadingGuard, TemporalHistory } from "@holdfast/engine";
import { Hono } from "hono";
import { addBreakerReads } from "./breaker-routes.ts";
import { addDeadLetters } from "./dead-routes.ts";
import { addGuardReads } from "./guard-routes.ts";
import { plain, plainEntry, plainOf } from "./plain.ts";
import { problem, refusal } from "./problem.ts";
import { HistoryQuery, ListQuery, ResultQuery, readQuery } from "./request.ts";

export interface Reads {
  readonly engine: Pick<Engine, "list" | "history" | "result" | "describe" | "dead" | "breakers">;
  readonly clock: Clock;
  /** Absent where the engine has none. */
  readonly guard?: ReadingGuard | undefined;
  readonly temporalHistory: (id: string, generation?: number) => Promise<TemporalHistory>;
}

/** The reading half of the control API, for use without a server. */
export function createReadApp(reads: Reads): Hono {
  const app = new Hono();
  answerProblems(app);
  addReads(app, reads);
  return app;
}

export function answerProblems(app: Hono): void {
  app.onError((error) => problem(toFailure(error)));
  app.notFound((c) =>
    problem(
      refusal("HF-CONTROL-UNKNOWN-PATH", `The control API has no ${c.req.method} ${c.req.path}.`),
    ),
  );
}

export function addReads(app: Hono, { engine, clock, guard, temporalHistory }: Reads): void {
  app.get("/api/runs", async (c) => {
    const { id, ...filter } = readQuery(c.req.query(), ListQuery);
    const page = await engine.list({ ...filter, idPrefix: id });
    return c.json({ now: clock.now(), ...page });
  });
  app.get("/api/runs/:id/history", async (c) => {
    const id = c.req.param("id");
    const { format, generation } = readQuery(c.req.query(), HistoryQuery);
    if (format === "temporal") return c.json(await temporalHistory(id, generation));
    const entries = await engine.history(id);
    return c.json({ entries: entries.map(plainEntry) });
  });
  app.get("/api/runs/:id/result", async (c) => {
    const { timeout } = readQuery(c.req.query(), ResultQuery);
    const result = await engine.result({ id: c.req.param("id"), timeoutMs: timeout });
    return c.json(
      result.kind === "completed"
        ? { kind: "completed", output: plainOf(result.output) ?? null }
        : { kind: "failed", failure: plain(result.failure) },
    );
  });
  app.get("/api/runs/:id", async (c) => {
    const { input, output, memo, ...run } = await engine.describe(c.req.param("id"));
    return c.json({
      now: clock.now(),
      ...(plain(run) as object),
      input: plainOf(input),
      output: plainOf(output),
      memo: plainOf(memo),
    });
  });
  addDeadLetters(app, engine);
  addGuardReads(app, { guard, clock });
  addBreakerReads(app, engine, clock);
}
