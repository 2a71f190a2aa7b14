// The guard over HTTP: how it stands, a person's halt and lift, answers to approvals, and the audit log.

import {
  type ApprovalRow,
  type Clock,
  type Guard,
  HoldfastError,
  type ModeChange,
} from "@holdfast/core";
import { parseScope } from "@holdfast/core/internal";
import type { ReadingGuard } from "@holdfast/engine";
import type { Hono } from "hono";
import type { Closing } from "../host/close-alls.ts";
import { plainApproval, plainStatus } from "./guard-plain.ts";
import {
  AnswerBody,
  ApprovalsQuery,
  AuditQuery,
  HaltBody,
  LiftBody,
  VerifyQuery,
} from "./guard-request.ts";
import { readBody, readQuery } from "./request.ts";

/** What closes everything beside a halt. */
export interface Closer {
  /** Notes it before the halt. */
  wish(scope: string): void;
  /** Begins another run where the one of this scope has ended. */
  start(asked: string): Promise<readonly Closing[]>;
}

interface GuardReads {
  readonly guard: ReadingGuard | undefined;
  readonly clock: Clock;
}

/** What can be asked, also of a journal without its process. */
export function addGuardReads(app: Hono, { guard, clock }: GuardReads): void {
  app.get("/api/guard", async (c) =>
    c.json(plainStatus(await present(guard).status(), clock.now())),
  );
  app.get("/api/approvals", async (c) => {
    const filter = readQuery(c.req.query(), ApprovalsQuery);
    const approvals = await present(guard).approvals(filter);
    return c.json({ approvals: approvals.map(plainApproval) });
  });
  app.get("/api/audit", async (c) => {
    const page = readQuery(c.req.query(), AuditQuery);
    return c.json({ rows: await present(guard).audit(page) });
  });
  app.get("/api/audit/verify", async (c) => {
    const { position, hash } = readQuery(c.req.query(), VerifyQuery);
    const noted = position === undefined || hash === undefined ? undefined : { position, hash };
    return c.json(await present(guard).verifyAudit(noted));
  });
}

/** What a person decides. */
export function addGuardWrites(
  app: Hono,
  {
    guard,
    closer,
    clock,
  }: {
    readonly guard: Guard | undefined;
    readonly closer: Closer | undefined;
    readonly clock: Clock;
  },
): void {
  app.post("/api/guard/halt", async (c) => {
    const { closeAll = false, scope, ...by } = await readBody(c.req.raw, HaltBody);
    const open = present(guard);
    const read = parseScope(scope);
    const askedAt = clock.now();
    if (closeAll) closer?.wish(read);
    const changes = await open.halt({ scope: read, ...by });
    const writtenMs = clock.now() - askedAt;
    const closing = closeAll ? ((await closer?.start(read)) ?? []) : [];
    return c.json({ ...(await acknowledged(open, changes)), writtenMs, closing });
  });
  app.post("/api/guard/lift", async (c) => {
    const request = await readBody(c.req.raw, LiftBody);
    const open = present(guard);
    return c.json(await acknowledged(open, await open.lift(request)));
  });
  app.post("/api/approvals/:id", async (c) => {
    const answer = await readBody(c.req.raw, AnswerBody);
    const row: ApprovalRow = await present(guard).answer({ id: c.req.param("id"), ...answer });
    return c.json({ approval: plainApproval(row) });
  });
}

/** What is on disk now; the head of the audit log stands for the epoch. */
export async function acknowledged(
  guard: Pick<Guard, "status">,
  changes: readonly ModeChange[],
): Promise<{
  readonly changes: readonly ModeChange[];
  readonly audit: { readonly position: number; readonly hash: string };
}> {
  return { changes, audit: (await guard.status()).audit };
}

/** @throws HF-GUARD-ABSENT */
function present<Some>(guard: Some | undefined): Some {
  if (guard !== undefined) return guard;
  throw new HoldfastError(
    "HF-GUARD-ABSENT",
    "Cannot do this: this engine has no guard. The embedded engine has one.",
    { class: "logic", disposition: "refused", outcome: "not-sent" },
  );
}
