// Asks the venue what became of an effect, by the activity's own `reconcile`: one question, no longer than an
// attempt may take, after which whatever it has begun is aborted.

import {
  type Encoded,
  type Failure,
  type Random,
  type Reconciliation,
  toFailure,
} from "@holdfast/core";
import type { Alarms } from "../clock/alarms.ts";
import { within } from "../clock/within.ts";
import { AttemptContext, type AttemptHost, AttemptSignal } from "./attempt.ts";
import { type Verdict, afterNotDone, afterUnclear, inDoubt } from "./decide.ts";
import type { End } from "./gate.ts";
import { encodeOutput, parsedInput } from "./payload.ts";
import { type PendingCallState, situation } from "./pending.ts";
import { neverStarted, timedOut } from "./problem.ts";

export interface AskOptions {
  readonly alarms: Alarms;
  readonly random: Random;
  readonly host: AttemptHost<PendingCallState>;
}

/** What the venue said: what was done, or what to do next; and how the question itself ended. */
export type Said = { readonly end: End } & (
  | { readonly kind: "done"; readonly output: Encoded }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
);

type NotDone = Exclude<Reconciliation<unknown>, { readonly kind: "done" }>;

const ANSWERED: End = { kind: "answered" };

export async function askVenue(call: PendingCallState, options: AskOptions): Promise<Said> {
  const { activity, command } = call;
  const { alarms, host } = options;
  const last = call.lastFailure ?? toFailure(neverStarted(call));
  const signal = new AttemptSignal();
  try {
    if (activity.reconcile === undefined) throw neverStarted(call);
    const context = new AttemptContext(call, host, signal);
    const found = await within(
      alarms,
      host.now() + activity.timeouts.attemptMs,
      Promise.resolve(activity.reconcile(parsedInput(activity, command.input), context)),
      () => timedOut(call, "attempt"),
    );
    if (found.kind === "done")
      return { kind: "done", output: encodeOutput(activity, found.output), end: ANSWERED };
    const verdict = afterAnswer(call, found, last, options);
    return { kind: "verdict", verdict, end: ANSWERED };
  } catch (error) {
    const failure = toFailure(error);
    signal.abort(failure);
    return {
      kind: "verdict",
      verdict: unclear(call, failure, options),
      end: { kind: "failed", failure },
    };
  }
}

function afterAnswer(
  call: PendingCallState,
  found: NotDone,
  last: Failure,
  options: AskOptions,
): Verdict {
  if (found.kind === "unknown") {
    if (found.lasting !== true) return unclear(call, last, options);
    return { kind: "doubt", failure: inDoubt(situation(call), last, found.reason) };
  }
  call.unknown = false;
  call.sentAt = undefined;
  // On disk an attempt counts as begun from here on.
  if (call.lost) call.isDue = true;
  const proven: Failure = { ...last, outcome: "not-sent" };
  call.lastFailure = proven;
  return afterNotDone(situation(call), proven, options.host.now(), options.random);
}

/** It could not tell, or could not be asked. */
function unclear(call: PendingCallState, failure: Failure, { host, random }: AskOptions): Verdict {
  return afterUnclear(situation(call), failure, call.reconcileTries, host.now(), random);
}
