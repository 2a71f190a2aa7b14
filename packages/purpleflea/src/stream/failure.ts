// Why a stream ends for good: connecting again would end the same.

import { HoldfastError } from "@holdfast/core";
import { STREAM_CLOSE } from "../wire/index.ts";

function ended(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "api",
    disposition: "refused",
    outcome: "refused",
  });
}

/** Undefined for a close code after which one connects again. */
export function closeFailure(code: number, reason: string): HoldfastError | undefined {
  const why = reason === "" ? "" : ` (${reason})`;
  switch (code) {
    case STREAM_CLOSE.unauthorised:
      return ended(
        "HF-STREAM-UNAUTHORISED",
        `The venue closed the stream: it does not know the account's API key${why}.`,
      );
    case STREAM_CLOSE.agentMismatch:
      return ended(
        "HF-STREAM-AGENT-MISMATCH",
        `The venue closed the stream: the API key belongs to another agent than the one named${why}.`,
      );
    case STREAM_CLOSE.replaced:
      return ended(
        "HF-STREAM-REPLACED",
        "The venue closed the stream: the same agent has opened another one, and there is one for each.",
      );
    default:
      return undefined;
  }
}

/** The venue has no stream here, or does not take what was asked of it. */
export function refusedFailure(why: string): HoldfastError {
  return ended("HF-STREAM-REFUSED", `The venue refused the stream: ${why}.`);
}

/** Before anything is sent. */
export function unsupportedFailure(profile: string): HoldfastError {
  return new HoldfastError(
    "HF-STREAM-UNSUPPORTED",
    `Cannot subscribe: venues of profile "${profile}" have no event stream.`,
    { class: "state", disposition: "refused", outcome: "not-sent" },
  );
}
