// What a person reads before the decision whether a project trades on without its journal.

import { formatDuration } from "@holdfast/core";
import type { Sighting, Thing } from "./sighting.ts";

/** Everything that is known, in lines. */
export function lostLines(
  sightings: readonly Sighting[],
  { folder, venue, now }: { readonly folder: string; readonly venue: string; readonly now: number },
): readonly string[] {
  return [
    `There is no journal in ${folder}, but ${venue} knows who is to act:`,
    ...sightings.flatMap((sighting) => linesOf(sighting, now)),
    "Either the state was deleted, or it lies elsewhere: on another machine, in another folder, in a backup. A second",
    "process with the same key looks the same from here; if one runs, stop it or let this one be.",
    "Without the journal nothing is known of what these orders were for: a run that begins here decides anew, under",
    "new keys, and buys again what was bought before.",
    "What you can do, the best first:",
    "  1. Bring the state folder or a backup of its journal back (docs/running.md, Backups), and start again.",
    "  2. Look at the positions (holdfast venue positions), close what nobody follows (holdfast venue close-all),",
    "     adjust the fleet to what was done already, and start once with --accept-lost-state.",
  ];
}

function linesOf(
  { account, agentId, open, recent, unasked }: Sighting,
  now: number,
): readonly string[] {
  const agent = agentId === undefined ? "" : ` (agent ${agentId})`;
  return [
    `account ${account}${agent}: open now: ${open.length}; what it did last: ${recent.length}`,
    ...open.map((thing) => `  open  ${describe(thing, now)}`),
    ...recent.map((thing) => `  did   ${describe(thing, now)}`),
    ...(unasked.length === 0
      ? []
      : [`  not known, because the venue does not tell: ${unasked.join(", ")}`]),
  ];
}

function describe({ id, what, at, ref }: Thing, now: number): string {
  const time = at === undefined ? Number.NaN : Date.parse(at);
  const when = Number.isNaN(time) ? "" : `, ${formatDuration(Math.max(0, now - time))} ago`;
  return `${what}${when} (${id})${ref === undefined ? "" : ` for ${ref}`}`;
}
