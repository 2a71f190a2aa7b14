// What activities say to the guard: of an effect before it leaves, and of an answer. Their code is the user's, and may
// fail: an effect of which nothing can be said is denied, and an answer of which nothing can be said tells nothing.

import {
  type Activity,
  type Encoded,
  type Failure,
  type GuardedCommand,
  type Log,
  type Observation,
  decode,
  toFailure,
} from "@holdfast/core";
import { deniedBy } from "@holdfast/core/internal";
import { parsedInput } from "../call/payload.ts";

/** A call, as far as its activity is asked about it. */
export interface Sayable {
  readonly activity: Activity;
  readonly input: Encoded;
  readonly ref: string;
}

export type Said =
  | { readonly command: GuardedCommand | undefined; readonly unsaid?: undefined }
  | { readonly command: undefined; readonly unsaid: Failure };

/** What an effect does; a throw is a denial. */
export function saidOf({ activity, input, ref }: Sayable): Said {
  try {
    return { command: activity.guard?.(parsedInput(activity, input)) };
  } catch (error) {
    // What it would do cannot be known: it does nothing.
    const note = `activity "${activity.name}" cannot say what it does: ${toFailure(error).message}`;
    const denied = deniedBy({ check: "INVALID", note }, { ref, operation: activity.name });
    return { command: undefined, unsaid: toFailure(denied) };
  }
}

/** Whether a call closes, cancels or takes money back: such calls go before others where a venue's limits hold back. */
export function reduces({ activity, input }: Omit<Sayable, "ref">): boolean {
  if (activity.guard === undefined) return false;
  return saidOf({ activity, input, ref: activity.name }).command?.kind === "reduce";
}

/** What an effect did cost; undefined where nothing says so, and all of it counts. */
export function costOf(
  { activity, input, ref }: Sayable,
  output: Encoded,
  log: Log,
): bigint | undefined {
  try {
    return activity.cost?.(decode(output) as never, parsedInput(activity, input));
  } catch (error) {
    const { message } = toFailure(error);
    log.warn(`Cannot tell what ${ref} did cost; all of it counts: ${message}`);
    return undefined;
  }
}

/** What an answer tells. */
export function observationsOf(
  { activity, input }: Omit<Sayable, "ref">,
  output: Encoded,
  log: Log,
): readonly Observation[] {
  try {
    return activity.observe?.(decode(output) as never, parsedInput(activity, input)) ?? [];
  } catch (error) {
    log.warn(`Activity "${activity.name}" told the guard nothing: ${toFailure(error).message}`);
    return [];
  }
}
