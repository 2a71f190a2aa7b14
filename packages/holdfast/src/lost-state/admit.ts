// Lets a new journal be begun only where it cannot be the successor of one that was lost: trading without it would do
// again what was done. Somebody may decide that it goes on all the same, and that is written down.

import { existsSync } from "node:fs";
import { HoldfastError, type Log } from "@holdfast/core";
import type { Config } from "../config/config.ts";
import type { Accounts } from "../host/accounts.ts";
import type { StateFolder } from "../host/state-folder.ts";
import type { HostVenue } from "../host/venue.ts";
import { writeDurably } from "../secret/durable-file.ts";
import { lookForLost } from "./look.ts";
import type { Sighting } from "./sighting.ts";
import { lostLines } from "./words.ts";

export interface LostStateParts {
  readonly config: Config;
  readonly venue: HostVenue;
  readonly accounts: Accounts;
  readonly folder: StateFolder;
  readonly log: Log;
}

export interface LostStateOptions {
  /** Somebody has decided that it goes on without the journal. */
  readonly accept: boolean;
  readonly show: (found: LostState) => void;
}

/** What is shown to whoever decides. */
export interface LostState {
  readonly sightings: readonly Sighting[];
  readonly lines: readonly string[];
}

/** The decision, with what it was made on. */
const FILE = "lost-state.json";

/**
 * Refuses to begin a journal for accounts that the venue knows already. Only the embedded engine's journal lies here,
 * and only a venue elsewhere outlives the folder; all others pass. Nothing was opened then.
 *
 * @param now milliseconds since the epoch
 * @throws HF-STATE-LOST after what is known was shown; HF-VENUE-… where the venue does not answer
 */
export async function assertNotLost(
  parts: LostStateParts,
  { accept, show }: LostStateOptions,
  now: number,
): Promise<void> {
  const { config, venue, accounts, folder, log } = parts;
  const isElsewhere = config.venue?.kind === "remote" || config.venue?.kind === "live";
  if (!isElsewhere || config.engine !== undefined || existsSync(folder.journal)) return;
  const { sightings, silent } = await lookForLost(accounts);
  for (const account of silent) {
    log.warn(
      `Cannot tell whether account "${account}" has acted before: the venue does not tell this key what it did. If this folder had a journal, bring it back.`,
    );
  }
  if (sightings.length === 0) return;
  const lines = lostLines(sightings, { folder: folder.path, venue: venue.url, now });
  show({ sightings, lines });
  if (!accept) throw lost(parts, sightings);
  // Before anything acts, so that what it was decided on can be read afterwards.
  writeDurably(
    folder.path,
    FILE,
    JSON.stringify({ at: now, venue: venue.url, sightings }, null, 2),
  );
  log.warn(
    `The journal of ${folder.path} is begun anew for ${namesOf(sightings)}, as somebody has decided; what was known is in ${FILE}.`,
    { code: "HF-STATE-LOST" },
  );
}

function lost({ venue, folder }: LostStateParts, sightings: readonly Sighting[]): HoldfastError {
  const open = sightings.reduce((sum, sighting) => sum + sighting.open.length, 0);
  return new HoldfastError(
    "HF-STATE-LOST",
    `Cannot begin a journal in ${folder.path}: ${venue.url} knows ${namesOf(sightings)} already, with ${open} things open. Bring the journal back, or read what is shown and start once with --accept-lost-state. Nothing was started.`,
    { class: "state", disposition: "refused", outcome: "not-sent", details: { open } },
  );
}

function namesOf(sightings: readonly Sighting[]): string {
  const names = sightings.map(({ account }) => `"${account}"`).join(", ");
  return `${sightings.length === 1 ? "account" : "accounts"} ${names}`;
}
