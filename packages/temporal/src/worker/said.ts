// What the guard is told of calls: by the attempt that records an effect, and by answers.

import {
  type AnswerTold,
  type Encoded,
  type IntentEffect,
  type IntentStore,
  type Log,
  toFailure,
} from "@holdfast/core";
import {
  type Sayable,
  callRef,
  costOf,
  observationsOf,
  saidOf,
  venueOf,
} from "@holdfast/engine/activity-side";
import type { Attempts } from "./attempt.ts";
import type { Call } from "./given.ts";

export function effectOf(call: Call): IntentEffect {
  const { workflow } = call.given.envelope;
  return { workflow, ...saidOf(sayable(call)) };
}

/** What an answer tells of its effect, whoever brought it. */
export function toldBy(about: Sayable, output: Encoded, log: Log): AnswerTold {
  return {
    cost: costOf(about, output, log),
    observations: observationsOf(about, output, log),
  };
}

/** Hears answers of calls without money: one that cannot be kept is as if it had not been heard. */
export async function hear(
  call: Call,
  output: Encoded,
  { intents, attempts }: { readonly intents: IntentStore; readonly attempts: Attempts },
): Promise<void> {
  const { activity, identity } = call;
  const { clock, log } = attempts.options;
  const seen = observationsOf(sayable(call), output, log);
  if (seen.length === 0) return;
  const of = { account: identity.account, venue: venueOf(activity, attempts.venues).names };
  try {
    await intents.observe(of, seen, clock.now());
  } catch (error) {
    const failure = toFailure(error).message;
    log.warn(`The guard did not hear what ${activity.name} told.`, { failure });
  }
}

export function sayable(call: Call): Sayable {
  return { activity: call.activity, input: call.given.input, ref: callRef(call) };
}
