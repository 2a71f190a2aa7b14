// The time that a restored or copied journal knows nothing of. What its runs decide again may have been done in it, so
// that money is not sent before the venue, or a person, has said that it was not. See docs/decisions/0011.

import { randomUUID } from "node:crypto";
import { type Log, formatDuration } from "@holdfast/core";
import { KEY_MARGIN_MS } from "./call/decide.ts";
import type { BesideFile } from "./store/beside.ts";
import type { Store } from "./store/store.ts";

const MARK = "mark";
const RESTORED = "restored";

/** Times are milliseconds since the epoch. */
export interface Restored {
  /** When it was noticed. */
  readonly at: number;
  /** The last commit before what was lost. */
  readonly from: number;
  /** Until when what is decided may have been done already. */
  readonly until: number;
}

/** What is known of a journal that was restored; undefined where it never was. */
export function restoredIn(store: Store): Restored | undefined {
  const text = store.meta(RESTORED);
  return text === undefined ? undefined : (JSON.parse(text) as Restored);
}

/** As long as was lost, and a little more. */
function lengthOf({ at, from }: Pick<Restored, "at" | "from">): number {
  return Math.max(0, at - from) + KEY_MARGIN_MS;
}

export class LostTime {
  #restored: Restored;

  constructor(restored: Restored) {
    this.#restored = restored;
  }

  get at(): number {
    return this.#restored.at;
  }

  get from(): number {
    return this.#restored.from;
  }

  /** True while a decision of this instant may have been made, and carried out, in the time that was lost. */
  covers(at: number): boolean {
    return at < this.#restored.until;
  }

  /** An effect turned out to be of the lost time: its run is not past it yet. Within a transaction. */
  met(store: Store, at: number): void {
    const until = at + lengthOf(this.#restored);
    if (until <= this.#restored.until) return;
    this.#restored = { ...this.#restored, until };
    store.setMeta(RESTORED, JSON.stringify(this.#restored));
  }
}

export interface MarkOptions {
  readonly store: Store;
  readonly beside: BesideFile;
  readonly now: number;
  readonly log: Log;
}

/**
 * Notices, and writes down, that the journal does not fit what lies beside it. Gives what writes the new mark of the
 * journal, within the transaction that takes it over.
 */
export function markJournal({ store, beside, now, log }: MarkOptions): () => void {
  const { position, at } = store.journal.end();
  const before = store.meta(MARK);
  if (isForeign(beside, before, position)) {
    const known = restoredIn(store);
    const from = Math.min(at ?? now, known !== undefined && now < known.until ? known.from : now);
    noteRestore(store, { at: now, from, until: now + lengthOf({ at: now, from }) }, log);
  }
  const mark = randomUUID();
  // First, with the old one: whichever of the two a crash leaves in the journal fits.
  beside.set({ mark, before: before ?? "none", position });
  return () => {
    store.setMeta(MARK, mark);
  };
}

function isForeign({ found }: BesideFile, mark: string | undefined, position: number): boolean {
  if (position === 0) return false;
  // A journal of before there were marks.
  if (found === undefined) return mark !== undefined;
  const isKnown = mark === found.mark || (mark ?? "none") === found.before;
  return !isKnown || position < found.position;
}

function noteRestore(store: Store, restored: Restored, log: Log): void {
  const { at, from, until } = restored;
  const reason = `its last entry is ${formatDuration(at - from)} old`;
  store.transaction(() => {
    store.setMeta(RESTORED, JSON.stringify(restored));
    store.audit({ at, action: "restored", actor: "engine", reason, subject: "journal" });
  });
  log.warn(
    `The journal was restored or copied: ${reason}. What was done since is not in it; until ${new Date(until).toISOString()} money is sent only after its venue, or a person, has said that it was not sent before.`,
    { code: "HF-RESTORED", from, until },
  );
}
