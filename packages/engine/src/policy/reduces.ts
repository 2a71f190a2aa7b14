// Whether a call closes, cancels or takes money back: such calls go before others where a venue's limits make them wait.

import type { Activity, Encoded } from "@holdfast/core";
import { parsedInput } from "../call/payload.ts";

/** By what the activity says to the guard. One that says nothing, or cannot, takes a risk. */
export function reduces({
  activity,
  command,
}: {
  readonly activity: Activity;
  readonly command: { readonly input: Encoded };
}): boolean {
  if (activity.guard === undefined) return false;
  try {
    return activity.guard(parsedInput(activity, command.input)).kind === "reduce";
  } catch {
    return false;
  }
}
