// Controls of the faults: rules and suites are armed, listed and cleared, by programs and on a page.

import { randomBytes } from "node:crypto";
import type { Context as Call, Hono } from "hono";
import { ZodError, z } from "zod";
import { type Faults, FaultRefused } from "../fault/faults.ts";
import { FAULT_KINDS, factsOf } from "../fault/kind.ts";
import { faultPage } from "../fault/page.ts";
import { FaultRule, type FaultRuleInput } from "../fault/rule.ts";
import { SUITES, suiteOf } from "../fault/suite.ts";
import type { Venue } from "../venue.ts";
import { type RawBody, parseBody } from "./body.ts";
import { type Answered, shownClock } from "./control-clock.ts";
import { isForm, readFields, wantsPage } from "./control-form.ts";
import { ProblemError, json } from "./problem.ts";
import { ROUTES } from "./routes.ts";

const WholeNumber = z.coerce.number().int().min(0);
const ClearForm = z.strictObject({ id: WholeNumber.optional() });

export function faultRoutes(app: Hono, venue: Venue, faults: Faults, answered: Answered): void {
  app.get("/_sandbox/faults", (c) =>
    wantsPage(c.req.raw) ? pageOf(c, venue, faults) : json(200, shown(faults)),
  );
  app.get("/_sandbox/faults/suites", () =>
    json(200, {
      suites: SUITES.map(({ name, proves, parameters }) => ({ name, proves, parameters })),
    }),
  );
  app.get("/_sandbox/faults/kinds", () => json(200, { kinds: FAULT_KINDS }));
  app.post("/_sandbox/faults", (c) =>
    answered(c, async () => arm(venue, faults, await readFields(c.req.raw)), 201),
  );
  app.post("/_sandbox/faults/clear", (c) =>
    answered(c, async () => {
      faults.clear(parseBody(ClearForm, await readFields(c.req.raw)).id);
      return shown(faults);
    }),
  );
  app.delete("/_sandbox/faults", () => {
    faults.clear();
    return json(200, shown(faults));
  });
  app.delete("/_sandbox/faults/:id", (c) => {
    faults.clear(parseBody(WholeNumber, c.req.param("id")));
    return json(200, shown(faults));
  });
}

/** A form is answered with the page that it stands on; a program with what it asked for. */
export function answeredBy(venue: Venue, faults: Faults): Answered {
  return async (c, work, status = 200) => {
    const fromPage = isForm(c.req.raw) && wantsPage(c.req.raw);
    try {
      const value = await work();
      if (!fromPage) return json(status, value);
      const token = c.req.query("token");
      const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
      return new Response(null, { status: 303, headers: { location: `/_sandbox/faults${query}` } });
    } catch (error) {
      if (!fromPage || !(error instanceof ProblemError)) throw error;
      return pageOf(c, venue, faults, error);
    }
  };
}

/** Arms a rule, or all rules of a suite or none. @throws ProblemError 422 */
function arm(venue: Venue, faults: Faults, body: RawBody): object {
  const { suite: name, ...given } = body;
  if (name === undefined) return { id: add(faults, [parseBody(FaultRule, body)])[0] };
  const suite = typeof name === "string" ? suiteOf(name) : undefined;
  if (suite === undefined) {
    const names = SUITES.map((one) => one.name).join(", ");
    throw new ProblemError("invalid_request", `suite: expected one of ${names}`);
  }
  const rules = checked(() => suite.rules(given, venue.clock.now()));
  return { suite: suite.name, ids: add(faults, rules, suite.name) };
}

function add(faults: Faults, rules: readonly FaultRuleInput[], suite?: string): readonly number[] {
  const ids: number[] = [];
  try {
    return checked(() => {
      for (const rule of rules) {
        assertOperations(FaultRule.parse(rule));
        ids.push(faults.add(rule, suite));
      }
      return ids;
    });
  } catch (error) {
    for (const id of ids) faults.clear(id);
    throw error;
  }
}

/** @throws ProblemError 422 in the place of what rules and suites throw */
function checked<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof FaultRefused) throw new ProblemError("invalid_request", error.message);
    if (!(error instanceof ZodError)) throw error;
    const problems = error.issues.map(
      (issue) => `${issue.path.map(String).join(".") || "body"}: ${issue.message}`,
    );
    throw new ProblemError("invalid_request", problems.join("; "), { problems });
  }
}

/** An operation that the venue does not have would never be hit. @throws ProblemError 422 */
function assertOperations(rule: FaultRule): void {
  if (!("operations" in rule) || rule.operations === undefined) return;
  const kinds = new Map(ROUTES.map(({ operation, kind }) => [operation, kind]));
  for (const operation of rule.operations) {
    const kind = kinds.get(operation);
    if (kind === undefined && operation !== "unknown") {
      const names = [...kinds.keys()].toSorted().join(", ");
      throw new ProblemError("invalid_request", `operations: no ${operation}; there are ${names}`);
    }
    if (kind === "read" && factsOf(rule.kind).about === "writes") {
      const detail = `operations: ${rule.kind} is about writes, and ${operation} is a read`;
      throw new ProblemError("invalid_request", detail);
    }
  }
}

function shown(faults: Faults): object {
  // What was hit may hold the key of a registration, which opens its stored answer.
  return { faults: faults.list().map(({ last: _last, ...fault }) => fault) };
}

function pageOf(c: Call, venue: Venue, faults: Faults, error?: ProblemError): Response {
  const nonce = randomBytes(18).toString("base64");
  const token = c.req.query("token");
  const page = faultPage({
    nonce,
    query: token === undefined ? "" : `?token=${encodeURIComponent(token)}`,
    venue: venue.instanceId,
    clock: shownClock(venue),
    faults: faults.list(),
    suites: SUITES,
    problem: error?.message,
  });
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  return new Response(page, {
    status: error?.status ?? 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      // The token stands in the address.
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
