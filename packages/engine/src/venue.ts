// A journal belongs to one venue and one mode. It is written down at first use and compared at each start:
// paper never resumes as live.

import { HoldfastError } from "@holdfast/core";
import type { VenueIdentity } from "./options.ts";
import type { Store } from "./store/store.ts";

const NAME = "venue";

/** The venue that a journal belongs to; undefined where it was never said. */
export function venueIn(store: Store): VenueIdentity | undefined {
  const known = store.meta(NAME);
  return known === undefined ? undefined : (JSON.parse(known) as VenueIdentity);
}

/** @throws HF-VENUE-MISMATCH naming both */
export function checkVenue(store: Store, venue: VenueIdentity | undefined): void {
  if (venue === undefined) return;
  const before = venueIn(store);
  if (before === undefined) {
    store.transaction(() => {
      store.setMeta(NAME, JSON.stringify(venue));
    });
    return;
  }
  if (
    before.mode === venue.mode &&
    before.instanceId === venue.instanceId &&
    before.url === venue.url
  )
    return;
  throw new HoldfastError(
    "HF-VENUE-MISMATCH",
    `Cannot use this journal with ${describe(venue)}: it belongs to ${describe(before)}. Effects of one venue are never repeated at another; use another state folder, or bring that venue back.`,
    { class: "state", details: { before, now: venue } },
  );
}

function describe(venue: VenueIdentity): string {
  return `the ${venue.mode} venue ${venue.url} (${venue.instanceId})`;
}
