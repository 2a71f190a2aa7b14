// The venue's own books.

import type { World } from "../world.ts";
import type { Broken } from "./rule.ts";

export function* venueRules({ venue }: World): Iterable<Broken> {
  const { ledgerSum } = venue.audit();
  if (ledgerSum !== "0") yield { rule: "ledger", what: `the ledger sums to ${ledgerSum}` };
  for (const { name, holds, detail } of venue.invariants())
    if (!holds) yield { rule: "ledger", what: `${name}: ${detail}` };
}
