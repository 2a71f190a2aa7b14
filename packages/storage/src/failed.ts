// What is said when intents cannot be kept: then nothing new may be sent.

import { HoldfastError } from "@holdfast/core";

/** @param disposition "terminal" where the store does not open, "retry" where it failed later */
export function intentsFailed(
  where: string,
  cause: unknown,
  disposition: "terminal" | "retry",
): HoldfastError {
  const message = `Cannot keep intents in ${where}: ${wordsOf(cause)}`;
  return new HoldfastError("HF-INTENTS-FAILED", message, { class: "resource", disposition, cause });
}

/** The message of an error; where several addresses were tried, the messages of all. */
function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(wordsOf).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}
