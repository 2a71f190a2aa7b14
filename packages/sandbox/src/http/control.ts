// The venue's own controls: clock, faults, audit. On a listener of its own, for loopback names and holders of
// its token only; an agent's API key never opens it.

import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { effectsAfter } from "../audit/audit.ts";
import { auditPage } from "../audit/page.ts";
import { FaultRule, type Faults } from "../fault/faults.ts";
import type { Venue } from "../venue.ts";
import { readBody } from "./body.ts";
import { ProblemError, json } from "./problem.ts";

/** Longest wait for held answers, in real milliseconds. */
const HELD_WAIT_MS_MAX = 10_000;
const EXPORT_MAX = 10_000;

const Clock = z.object({ mode: z.enum(["real", "frozen"]), now: z.number().int().optional() });
const Advance = z.union([z.object({ to: z.number().int() }), z.object({ by: z.number().int().min(0) })]);

export function createControl(venue: Venue, faults: Faults, token: string): Hono {
  const app = new Hono();
  app.use("*", async (c, next) => {
    const { hostname } = new URL(`http://${c.req.header("host") ?? ""}`);
    if (!["127.0.0.1", "localhost", "[::1]"].includes(hostname)) {
      return json(403, new ProblemError(403, "foreign_host", "The venue's controls answer to loopback names only.").body);
    }
    const given = /^Bearer\s+(\S+)$/iu.exec(c.req.header("authorization") ?? "")?.[1] ?? c.req.query("token") ?? "";
    if (!sameText(given, token)) {
      return json(401, new ProblemError(401, "missing_token", "Send the venue's control token: ?token=… or Authorization: Bearer …").body);
    }
    await next();
    return undefined;
  });
  app.onError((error) =>
    error instanceof ProblemError
      ? json(error.status, error.body)
      : json(500, new ProblemError(500, "internal", error.message).body),
  );
  app.notFound((c) => json(404, new ProblemError(404, "unknown_path", `The venue's controls have no ${c.req.path}.`).body));

  app.get("/_sandbox/clock", () => json(200, { mode: venue.clock.mode, now: venue.clock.now() }));
  app.post("/_sandbox/clock", async (c) => {
    const { mode, now } = await readBody(c.req.raw, Clock);
    venue.setClock(mode, now);
    return json(200, { mode: venue.clock.mode, now: venue.clock.now() });
  });
  app.post("/_sandbox/clock/advance", async (c) => {
    const body = await readBody(c.req.raw, Advance);
    if (venue.clock.mode !== "frozen") throw new ProblemError(409, "clock_not_frozen", "Freeze the clock before advancing it.");
    await venue.advanceTo("to" in body ? body.to : venue.clock.now() + body.by);
    return json(200, { mode: venue.clock.mode, now: venue.clock.now() });
  });
  app.get("/_sandbox/clock/held", async (c) => {
    const count = Number(c.req.query("count") ?? 0);
    const wait = Math.min(Number(c.req.query("wait") ?? 0), HELD_WAIT_MS_MAX);
    if (!Number.isFinite(count) || !Number.isFinite(wait)) throw new ProblemError(422, "invalid_request", "count and wait must be numbers");
    await venue.clock.waitForHeld(count, wait);
    return json(200, { now: venue.clock.now(), held: venue.clock.held(), due: venue.clock.dueInstants() });
  });

  app.get("/_sandbox/faults", () => json(200, { faults: faults.list() }));
  app.post("/_sandbox/faults", async (c) => json(201, { id: faults.add(await readBody(c.req.raw, FaultRule)) }));
  app.delete("/_sandbox/faults", () => {
    faults.clear();
    return json(200, { faults: [] });
  });
  app.delete("/_sandbox/faults/:id", (c) => {
    faults.clear(Number(c.req.param("id")));
    return json(200, { faults: faults.list() });
  });

  app.get("/_sandbox/audit", (c) => {
    const found = venue.audit({
      agent: c.req.query("agent"),
      since: numberOf(c.req.query("since"), "since"),
      until: numberOf(c.req.query("until"), "until"),
    });
    const wantsPage = (c.req.header("accept") ?? "").includes("text/html");
    return wantsPage ? c.html(auditPage(found)) : json(200, found);
  });
  app.get("/_sandbox/effects", (c) => {
    const after = numberOf(c.req.query("after"), "after") ?? 0;
    const limit = Math.min(numberOf(c.req.query("limit"), "limit") ?? 1_000, EXPORT_MAX);
    return json(200, { effects: effectsAfter(venue.database, after, limit) });
  });
  return app;
}

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ProblemError(422, "invalid_request", `${name}: expected a number`);
  return value;
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
