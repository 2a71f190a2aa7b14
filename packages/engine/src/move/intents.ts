// What a journal knows of effects, as a store of intents keeps it. Keys are equal on both engines, so that whoever
// decides one of them again finds here what became of it.

import type { MovedBook, StoredIntent } from "@holdfast/core";
import { carryOut, movedBook } from "@holdfast/guard";
import type { IntentOfRun } from "../store/intents.ts";
import type { Store } from "../store/store.ts";

export interface MovedFilter {
  /** Of the runs with this workflow id. Default: all. */
  readonly run?: string | undefined;
  /** The key of the last one seen. */
  readonly after?: string | undefined;
}

/** Intents of one page. */
const MOVED_PAGE = 1_000;

export interface MovedPage {
  readonly intents: readonly StoredIntent[];
  /** Where the next page begins; undefined after the last. */
  readonly after: string | undefined;
}

/** Those of one run, or what is known for good of all: what an open run may still send stays its own. */
export function movedIntents(store: Store, { run, after = "" }: MovedFilter): MovedPage {
  const page = store.intents.page({ after, id: run, limit: MOVED_PAGE });
  return {
    intents: page
      .filter(({ state }) => run !== undefined || state === "done" || state === "refused")
      .map(storedOf),
    after: page.length < MOVED_PAGE ? undefined : page.at(-1)?.key,
  };
}

/**
 * What the guard has counted of them, and on the first page who is halted and how high equity was: all, or the effects
 * of one run alone.
 */
export function movedBookOf(store: Store, { run, after }: MovedFilter): MovedBook {
  if (run === undefined) return carryOut(movedBook({ after }), store.guard);
  const page = store.intents.page({ after: after ?? "", id: run, limit: MOVED_PAGE });
  const keys = page.map(({ key }) => key);
  const book = carryOut(movedBook({ after, keys }), store.guard);
  return { ...book, after: page.length < MOVED_PAGE ? undefined : keys.at(-1) };
}

function storedOf(row: IntentOfRun): StoredIntent {
  const { key, ref, account, activity, venue, fingerprint, state, recordedAt, settledAt } = row;
  const { id, runId, call, sentAt, output } = row;
  const isOpen = state === "open" || state === "in-doubt";
  return {
    key,
    ref,
    account,
    activity,
    venue,
    fingerprint,
    state,
    recordedAt,
    settledAt,
    run: id,
    owner: `${id}/${runId}/${call + 1}`,
    lane: undefined,
    sentAt,
    lastSendAt: sentAt,
    sends: sentAt === undefined ? 0 : 1,
    asks: isOpen && sentAt !== undefined,
    reconcileTries: 0,
    lastFailure: undefined,
    details: undefined,
    output,
  };
}
