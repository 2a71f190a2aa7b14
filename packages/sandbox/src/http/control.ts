// The venue's own controls: clock, faults, audit. On a listener of its own, for loopback names and holders of
// its token only; an agent's API key never opens it.

import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { auditPage } from "../audit/page.ts";
import type { Faults } from "../fault/faults.ts";
import type { AuditFilter } from "../store/audit-query.ts";
import type { Venue } from "../venue.ts";
import { arbiterRoutes } from "./arbiter.ts";
import { parseBody } from "./body.ts";
import { clockRoutes } from "./control-clock.ts";
import { answeredBy, faultRoutes } from "./control-faults.ts";
import { ProblemError, bugResponse, json, problemResponse } from "./problem.ts";

/** Effects in one page of the export: at most, and where the caller does not say. */
const EXPORT_MAX = 10_000;
const EXPORT_DEFAULT = 1_000;

const WholeNumber = z.coerce.number().int().min(0);

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
  const answered = answeredBy(venue, faults);
  clockRoutes(app, venue, answered);
  faultRoutes(app, venue, faults, answered);
  auditRoutes(app, venue);
  arbiterRoutes(app, venue);
  app.get("/_sandbox/market", () => json(200, { pairs: origins(venue) }));
  return app;
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
