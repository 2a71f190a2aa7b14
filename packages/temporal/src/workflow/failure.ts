// Between our failures and Temporal's: ours stands whole in the details of theirs.

import { type Failure, HoldfastError, decode, toFailure } from "@holdfast/core";
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TimeoutFailure,
} from "@temporalio/workflow";
import { type Judgement, REFUSED } from "./protocol.ts";
import { failureTree, textOf } from "./tree.ts";

export function toTemporal(failure: Failure): ApplicationFailure {
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: true,
    details: [failureTree(failure)],
  });
}

/** What a validator refused. */
export function toRefusal(failure: Failure): ApplicationFailure {
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    nonRetryable: true,
    details: [failureTree(failure), REFUSED],
  });
}

export function fromTemporal(error: unknown): Failure {
  const cause = causeOf(error);
  if (cause instanceof ApplicationFailure && cause.details?.[0] !== undefined) {
    return toFailure(decode(textOf(cause.details[0])));
  }
  if (cause instanceof CancelledFailure) return toFailure(cancelled(cause.message));
  if (cause instanceof TimeoutFailure && cause.timeoutType === "SCHEDULE_TO_START") {
    return toFailure(queuedTooLong());
  }
  return toFailure(cause);
}

/** What the attempt said about its failure; undefined where no attempt of ours did. */
export function judgementOf(error: unknown): Judgement | undefined {
  const cause = causeOf(error);
  return cause instanceof ApplicationFailure
    ? (cause.details?.[1] as Judgement | undefined)
    : undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof ActivityFailure || error instanceof ChildWorkflowFailure
    ? error.cause
    : error;
}

function cancelled(message: string): HoldfastError {
  return new HoldfastError("HF-CANCELLED", message, {
    class: "state",
    disposition: "cancelled",
    outcome: "not-sent",
  });
}

function queuedTooLong(): HoldfastError {
  return new HoldfastError(
    "HF-QUEUED-TIMEOUT",
    "Cannot start an activity: it waited in line longer than its queued time-out.",
    { class: "resource", outcome: "not-sent" },
  );
}

/** A message to a run that is not there: Temporal does not tell unknown from closed. */
export function noSuchRun(id: string): Failure {
  return toFailure(
    new HoldfastError("HF-RUN-UNKNOWN", `Cannot send to run "${id}": no open run has this id.`, {
      class: "data",
      disposition: "refused",
      outcome: "not-sent",
    }),
  );
}

/** A child whose id an open run has: the one cause that Temporal knows. */
export function childExists(id: string): Failure {
  return toFailure(
    new HoldfastError("HF-RUN-EXISTS", `Cannot start child "${id}": a run with its id exists.`, {
      class: "state",
      disposition: "refused",
      outcome: "not-sent",
    }),
  );
}
