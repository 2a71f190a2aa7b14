// What the control API takes: bodies and queries, each checked once, here, with the path of every mistake.

import { type Duration, STANDSTILLS, durationMs, parseWith } from "@holdfast/core";
import { z } from "zod";
import { refusal } from "./problem.ts";

/** Longest wait for a result, in milliseconds; ask again. */
const RESULT_WAIT_MS_MAX = 60_000;

const requestId = z.string().min(1).max(255).optional();

export const StartBody = z.strictObject({
  workflow: z.string(),
  /** Plain JSON; amounts are decimal text. */
  input: z.unknown().optional(),
  id: z.string().optional(),
  account: z.string().optional(),
  onOpen: z.enum(["attach", "fail", "replace"]).optional(),
  onClosed: z.enum(["fail", "attach", "restart-failed", "restart"]).optional(),
  effects: z.enum(["continue", "again"]).optional(),
  delayMs: z.number().min(0).optional(),
  requestId,
});
export const SignalBody = z.strictObject({
  signal: z.string(),
  payload: z.unknown().optional(),
  requestId,
});
export const QueryBody = z.strictObject({ query: z.string() });
export const CancelBody = z.strictObject({
  reason: z.string().min(1).default("cancelled by a person"),
  requestId,
});
export const ResolveBody = z.strictObject({
  key: z.string(),
  resolution: z.enum(["done", "not-done", "resend"]),
  /** The receipt, where it is done. */
  output: z.unknown().optional(),
  reason: z.string().min(1),
  actor: z.string().min(1),
  requestId,
});

export const UpdateBody = z.strictObject({
  update: z.string(),
  input: z.unknown().optional(),
  requestId,
});

export const TerminateBody = z.strictObject({ reason: z.string().min(1) });

/** A person's word on a run among the dead letters. */
export const DecisionBody = z.strictObject({
  reason: z.string().min(1),
  actor: z.string().min(1),
  requestId,
});

/** A person's word on a breaker. */
export const BreakerBody = z.strictObject({
  name: z.string().min(1),
  wish: z.enum(["open", "closed", "auto"]),
  reason: z.string().min(1),
  actor: z.string().min(1),
});

export const DrainBody = z.strictObject({
  on: z.boolean(),
  move: z.boolean().optional(),
  /** Runs that do not leave, and why. */
  stay: z.record(z.string(), z.string()).optional(),
  /** Workflows that may begin all the same. */
  except: z.array(z.string()).optional(),
  reason: z.string().min(1),
  actor: z.string().min(1),
});

export const MovingBody = z.strictObject({
  runId: z.string().min(1),
  step: z.enum(["sent", "begun"]),
});

export const MovedQuery = z.strictObject({
  run: z.string().optional(),
  after: z.string().optional(),
});

const limit = z.coerce.number().int().min(1).max(1_000).optional();
const cursor = z.string().regex(/^\d+$/u, "expected the cursor of an earlier answer").optional();

export const DeadQuery = z.strictObject({
  kind: z.enum(["failed", "stuck", ...STANDSTILLS]).optional(),
  workflow: z.string().optional(),
  code: z.string().optional(),
  class: z.enum(["network", "api", "data", "logic", "state", "resource"]).optional(),
  fingerprint: z.string().optional(),
  limit,
  cursor,
});

export const ListQuery = z.strictObject({
  workflow: z.string().optional(),
  status: z
    .enum([
      "open",
      "closed",
      "running",
      "closing",
      ...STANDSTILLS,
      "stuck",
      "completed",
      "failed",
      "cancelled",
      "terminated",
      "continued",
    ])
    .optional(),
  account: z.string().optional(),
  id: z.string().optional(),
  parent: z.string().optional(),
  /** A JSON object: all of these tags, by value and type. */
  tags: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "expected a JSON object" });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
    .optional(),
  limit,
  cursor,
});
export const HistoryQuery = z.strictObject({
  format: z.literal("temporal").optional(),
  /** With a format: of this generation. Default: the newest. */
  generation: z.coerce.number().int().min(0).optional(),
});
export const ResultQuery = z.strictObject({
  /** "30s", or milliseconds; at most a minute. */
  timeout: z
    .string()
    .transform((text, context) => {
      try {
        const wanted = /^\d+$/u.test(text) ? Number(text) : (text as Duration);
        return Math.min(Math.max(0, durationMs(wanted)), RESULT_WAIT_MS_MAX);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message });
        return z.NEVER;
      }
    })
    .default(RESULT_WAIT_MS_MAX),
});

/** @throws HF-CONTROL-MALFORMED, HF-INPUT-INVALID */
export async function readBody<Value>(request: Request, schema: z.ZodType<Value>): Promise<Value> {
  let value: unknown;
  try {
    value = await request.json();
  } catch {
    throw refusal("HF-CONTROL-MALFORMED", "Cannot read the body: it is not JSON.");
  }
  return parseWith(schema, value, "the body");
}

/** @throws HF-INPUT-INVALID */
export function readQuery<Value>(
  query: Readonly<Record<string, string>>,
  schema: z.ZodType<Value>,
): Value {
  return parseWith(schema, query, "the query");
}
