// Ids that users choose and ids that the engine makes.

import type { Brand } from "./brand.ts";
import { HoldfastError } from "./error.ts";
import { ID_BYTES_MAX } from "./limit.ts";
import { utf8 } from "./utf8.ts";

/** The id a caller gives to a chain of runs, unique among the open ones: "dca-btc". */
export type WorkflowId = Brand<string, "WorkflowId">;
/** One run: `run_…`. Never part of an idempotency key. */
export type RunId = Brand<string, "RunId">;

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/**
 * Checks an id given by a user: 1 to 255 UTF-8 bytes, no control characters, no lone surrogates (a store
 * would keep two different ones as the same text).
 *
 * @throws HF-ID-INVALID
 */
export function parseId<Id extends string = string>(value: string, what = "id"): Id {
  const reason = problem(value);
  if (reason !== undefined) {
    throw new HoldfastError("HF-ID-INVALID", `Cannot use this ${what}: ${reason}.`, {
      class: "data",
      disposition: "refused",
      outcome: "not-sent",
    });
  }
  return value as Id;
}

function problem(value: unknown): string | undefined {
  if (typeof value !== "string") return `it is ${typeof value}, not text`;
  if (value.length === 0) return "it is empty";
  if (!value.isWellFormed()) return "it contains half of a character (a lone surrogate)";
  if (CONTROL.test(value)) return "it contains control characters";
  // A UTF-16 unit takes at most three bytes, so short text needs no counting.
  const bytes = value.length * 3 > ID_BYTES_MAX ? utf8(value).length : 0;
  if (bytes > ID_BYTES_MAX) return `it has ${bytes} bytes, at most ${ID_BYTES_MAX} are allowed`;
  return undefined;
}
