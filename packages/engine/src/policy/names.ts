// Which venues an activity's calls go to, and which breakers watch them.

import {
  type Activity,
  HoldfastError,
  type Provided,
  type VenueCapabilities,
} from "@holdfast/core";
import { venueOf } from "../registry.ts";

export type Venues = ReadonlyMap<string, VenueCapabilities>;

/** The venues that a project has, by name: a policy for any other would bound nothing. */
export function venueNames(provided: readonly Provided[]): readonly string[] {
  const found = provided.filter(({ resource, venue }) => (venue ?? resource.venue) !== undefined);
  return [...new Set(found.map(({ resource }) => resource.name))].sort();
}

/** The names of the venues that an activity uses. */
export function venuesOf(activity: Activity, overrides: Venues): readonly string[] {
  const { names } = venueOf(activity, overrides);
  return names === "" ? [] : names.split(",");
}

/** A question about an effect reads, whatever its activity does. */
export function groupOf({ group }: Activity, purpose: "send" | "ask"): string {
  return purpose === "ask" ? "read" : group;
}

export function breakerName(venue: string, group: string): string {
  return `${venue}/${group}`;
}

/** All breakers that calls of these activities can meet, in order. */
export function breakerNames(
  activities: readonly Activity[],
  overrides: Venues,
): readonly string[] {
  const names = activities.flatMap((activity) => {
    const groups = activity.reconcile === undefined ? [activity.group] : [activity.group, "read"];
    return venuesOf(activity, overrides).flatMap((venue) =>
      groups.map((group) => breakerName(venue, group)),
    );
  });
  return [...new Set(names)].sort();
}

export function breakerUnknown(name: string, known: readonly string[]): HoldfastError {
  return new HoldfastError(
    "HF-BREAKER-UNKNOWN",
    `Cannot change breaker "${name}": ${known.length === 0 ? "there is none" : `there is ${known.join(", ")}`}.`,
    { class: "data", disposition: "refused", outcome: "not-sent", details: { known } },
  );
}
