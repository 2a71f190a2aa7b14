// Listings, page by page.

import type { DeadLetterFilter, DeadLetterPage } from "@holdfast/core";
import type { Store } from "./store.ts";

/** Largest page of a listing. */
export const LIST_MAX = 1_000;
const LIST_DEFAULT = 100;

export function pageSize(wanted: number = LIST_DEFAULT): number {
  return Math.min(Math.max(1, wanted), LIST_MAX);
}

export function deadLetters(store: Store, filter: DeadLetterFilter): DeadLetterPage {
  const limit = pageSize(filter.limit);
  const letters = store.letters.list(filter, limit);
  const last = letters.length === limit ? letters.at(-1) : undefined;
  return {
    letters: letters.map(({ row: _row, ...letter }) => letter),
    total: store.letters.count(filter),
    cursor: last === undefined ? undefined : String(last.row),
  };
}
