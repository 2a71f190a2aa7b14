// What is wrong with definitions before a run shows it: names that are taken, and money that could not be
// repeated safely.

import { type Failure, type VenueCapabilities, toFailure } from "@holdfast/core";
import { type Definition, checkMoney, createRegistry, venueOf } from "./registry.ts";

/** @param venues what the venues behind resources can do, by the name of the resource */
export function checkDefinitions(
  definitions: readonly Definition[],
  venues: ReadonlyMap<string, VenueCapabilities>,
): readonly Failure[] {
  const problems: Failure[] = [];
  const attempt = (check: () => unknown): void => {
    try {
      check();
    } catch (error) {
      problems.push(toFailure(error));
    }
  };
  attempt(() => createRegistry(definitions));
  for (const definition of definitions) {
    if (definition.kind !== "activity") continue;
    const { venue } = venueOf(definition, venues);
    attempt(() => {
      checkMoney(definition, venue, definition.timeouts.totalMs);
    });
  }
  return problems;
}
