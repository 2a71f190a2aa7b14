// Reads what stands in a path: its last part, and what comes after the question mark.

import { z } from "zod";
import { parseBody } from "./body.ts";
import { ProblemError } from "./problem.ts";

/** Rows in one answer: at most, and where the caller does not say. */
const LISTED_MAX = 1_000;
const LISTED_DEFAULT = 50;

/** What `limitOf` reads, for the OpenAPI document. */
export const LimitQuery = z.object({
  limit: z.number().int().min(1).max(LISTED_MAX).default(LISTED_DEFAULT),
});

/** @throws ProblemError 422 */
export function queried<Schema extends z.ZodType>(schema: Schema, url: URL): z.output<Schema> {
  return parseBody(schema, Object.fromEntries(url.searchParams));
}

/** The last part of a path, decoded. @throws ProblemError 400 */
export function lastPart(path: string): string {
  return partFromEnd(path, 1);
}

/** The part before the last, decoded: the id in ".../:id/release". @throws ProblemError 400 */
export function partBeforeLast(path: string): string {
  return partFromEnd(path, 2);
}

function partFromEnd(path: string, fromEnd: number): string {
  try {
    return decodeURIComponent(path.split("/").at(-fromEnd) ?? "");
  } catch {
    throw new ProblemError("malformed_path", "The path is not percent-encoded text.");
  }
}

/** How many rows are asked for. @throws ProblemError 422 */
export function limitOf(url: URL): number {
  const limit = Number(url.searchParams.get("limit") ?? LISTED_DEFAULT);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LISTED_MAX) return limit;
  const detail = `limit: expected a whole number from 1 to ${LISTED_MAX}`;
  throw new ProblemError("invalid_request", detail);
}
