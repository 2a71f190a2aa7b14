// What the guard's routes take, each checked once, with the path of every mistake.

import { z } from "zod";

/** Longest reason and name. */
const REASON_MAX = 1_000;
const ACTOR_MAX = 200;

const actor = z.string().trim().min(1).max(ACTOR_MAX);
const reason = z.string().trim().min(1).max(REASON_MAX);
const limit = z.coerce.number().int().min(1).max(1_000).optional();

/** A person's word about a scope: "project", "agent:alpha", "venue:purpleflea", "symbol:BTC-PERP". */
export const LiftBody = z.strictObject({ scope: z.string().default("project"), actor, reason });

export const HaltBody = z.strictObject({
  ...LiftBody.shape,
  /** Cancels what rests and closes what is open, in a run of its own. */
  closeAll: z.boolean().optional(),
});

export const AnswerBody = z.strictObject({ approved: z.boolean(), actor, reason });

export const ApprovalsQuery = z.strictObject({
  state: z.enum(["asked", "approved", "rejected", "expired", "withdrawn"]).optional(),
  limit,
});

export const AuditQuery = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  limit,
});

export const VerifyQuery = z
  .strictObject({
    position: z.coerce.number().int().min(1).optional(),
    hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/u, "expected 64 hexadecimal digits")
      .optional(),
  })
  .refine(
    ({ position, hash }) => (position === undefined) === (hash === undefined),
    "expected position and hash, or neither",
  );

/** What the page of a signed link sends: a form. */
export const AnswerForm = z.object({
  verdict: z.enum(["approve", "reject"]),
  actor,
  reason: z.string().trim().max(REASON_MAX).default(""),
});
