// The venue's own controls: clock, faults, audit. On a listener of its own, for loopback names and holders of
// its token only; an agent's API key never opens it.

import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { auditPage } from "../audit/page.ts";
import { CLOCK_RATE_MAX, CLOCK_RATE_MIN, INSTANT_MAX } from "../clock/clock.ts";
import type { Faults } from "../fault/faults.ts";
import { FaultRule } from "../fault/rule.ts";
import type { AuditFilter } from "../store/audit-query.ts";
import type { Venue } from "../venue.ts";
import { arbiterRoutes } from "./arbiter.ts";
import { parseBody, readObject } from "./body.ts";
import { ProblemError, bugResponse, json, problemResponse } from "./problem.ts";

/** Longest wait for held answers, in real milliseconds. */
export const HELD_WAIT_MS_MAX = 10_000;
/** Effects in one page of the export: at most, and where the caller does not say. */
const EXPORT_MAX = 10_000;
const EXPORT_DEFAULT = 1_000;

const Instant = z.number().int().min(0).max(INSTANT_MAX);
const Rate = z.number().min(CLOCK_RATE_MIN).max(CLOCK_RATE_MAX);
const ClockRequest = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.enum(["real", "frozen"]), now: Instant.optional() }),
  z.strictObject({ mode: z.literal("scaled"), now: Instant.optional(), rate: Rate }),
]);
const AdvanceRequest = z.union([z.strictObject({ to: Instant }), z.strictObject({ by: Instant })]);
const WholeNumber = z.coerce.number().int().min(0);

const HeldQuery = z.object({
  count: WholeNumber.default(0),
  wait: WholeNumber.transform((wait) => Math.min(wait, HELD_WAIT_MS_MAX)).default(0),
});
const FilterQuery = z.object({
  agent: z.string().optional(),
  since: WholeNumber.optional(),
  until: WholeNumber.optional(),
});
const PageQuery = z.object({
  after: WholeNumber.default(0),
  limit: WholeNumber.min(1).max(EXPORT_MAX).default(EXPORT_DEFAULT),
});

export function createControl(venue: Venue, faults: Faults, token: string): Hono {
  const app = new Hono();
  app.use("*", async (c, next) => {
    const given = bearer(c.req.header("authorization")) ?? c.req.query("token") ?? "";
    admit(c.req.header("host") ?? "", given, token);
    await next();
  });
  app.onError((error) =>
    error instanceof ProblemError ? problemResponse(error) : bugResponse(error),
  );
  app.notFound((c) => {
    const detail = `The venue's controls have no ${c.req.method} ${c.req.path}.`;
    return problemResponse(new ProblemError("unknown_path", detail));
  });
  clockRoutes(app, venue);
  faultRoutes(app, faults);
  auditRoutes(app, venue);
  arbiterRoutes(app, venue);
  app.get("/_sandbox/market", () => json(200, { pairs: origins(venue) }));
  return app;
}

function clockRoutes(app: Hono, venue: Venue): void {
  const { clock } = venue;
  const shown = (): object => ({ mode: clock.mode, now: clock.now(), rate: clock.rate });
  app.get("/_sandbox/clock", () => json(200, shown()));
  app.post("/_sandbox/clock", async (c) => {
    const wanted = parseBody(ClockRequest, await readObject(c.req.raw));
    const rate = wanted.mode === "scaled" ? wanted.rate : undefined;
    if (!venue.setClock(wanted.mode, wanted.now, rate)) throw backwards();
    return json(200, shown());
  });
  app.post("/_sandbox/clock/advance", async (c) => {
    const wanted = parseBody(AdvanceRequest, await readObject(c.req.raw));
    if (clock.mode !== "frozen") {
      throw new ProblemError("clock_not_frozen", "Freeze the clock before advancing it.");
    }
    const to = Math.min("to" in wanted ? wanted.to : clock.now() + wanted.by, INSTANT_MAX);
    if (to < clock.now()) throw backwards();
    const released = await venue.advanceTo(to);
    return json(200, { ...shown(), released });
  });
  app.get("/_sandbox/clock/held", async (c) => {
    const { count, wait } = parseBody(HeldQuery, c.req.query());
    await clock.waitForHeld(count, wait);
    return json(200, { now: clock.now(), held: clock.held(), due: clock.dueInstants() });
  });
}

function faultRoutes(app: Hono, faults: Faults): void {
  // What was hit may hold the key of a registration, which opens its stored answer.
  const shown = (): object => ({ faults: faults.list().map(({ last: _last, ...fault }) => fault) });
  app.get("/_sandbox/faults", () => json(200, shown()));
  app.post("/_sandbox/faults", async (c) => {
    const rule = parseBody(FaultRule, await readObject(c.req.raw));
    return json(201, { id: faults.add(rule) });
  });
  app.delete("/_sandbox/faults", () => {
    faults.clear();
    return json(200, shown());
  });
  app.delete("/_sandbox/faults/:id", (c) => {
    faults.clear(parseBody(WholeNumber, c.req.param("id")));
    return json(200, shown());
  });
}

function auditRoutes(app: Hono, venue: Venue): void {
  app.get("/_sandbox/audit", (c) => {
    const found = venue.audit(filterOf(c.req.query()));
    const wantsPage = (c.req.header("accept") ?? "").includes("text/html");
    return wantsPage ? c.html(auditPage(found)) : json(200, found);
  });
  app.on("GET", ["/_sandbox/export", "/_sandbox/effects"], (c) => {
    const { after, limit } = parseBody(PageQuery, c.req.query());
    const effects = venue.effects(filterOf(c.req.query()), after, limit);
    const next = effects.length < limit ? null : (effects.at(-1)?.id ?? null);
    return json(200, { effects, next });
  });
}

function origins({ market }: Venue): readonly object[] {
  return market.pairs.map((pair) => ({ symbol: pair.symbol, ...market.origin(pair) }));
}

function filterOf(query: Readonly<Record<string, string>>): AuditFilter {
  return parseBody(FilterQuery, query);
}

function backwards(): ProblemError {
  return new ProblemError("clock_backwards", "The venue's clock never runs back.");
}

/** @throws ProblemError 401, 403 */
function admit(host: string, given: string, token: string): void {
  if (!/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u.test(host)) {
    const detail = "The venue's controls answer to loopback names only.";
    throw new ProblemError("foreign_host", detail);
  }
  if (isSame(given, token)) return;
  const detail = "Send the venue's control token: ?token=… or Authorization: Bearer …";
  throw new ProblemError("missing_token", detail);
}

function bearer(header: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)$/iu.exec(header ?? "")?.[1];
}

function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
