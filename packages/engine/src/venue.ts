// A journal belongs to one venue and one mode. It is written down at first use and compared at each start:
// paper never resumes as live.

import { HoldfastError } from "@holdfast/core";
import type { VenueIdentity } from "./options.ts";
import type { Store } from "./store/store.ts";

const NAME = "venue";

/** @throws HF-VENUE-MISMATCH naming both */
export function checkVenue(store: Store, venue: VenueIdentity | undefined): void {
  if (venue === undefined) return;
  const known = store.meta(NAME);
  if (known === undefined) {
    store.transaction(() => {
      store.setMeta(NAME, JSON.stringify(venue));
    });
    return;
  }
  const before = JSON.parse(known) as VenueIdentity;
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
