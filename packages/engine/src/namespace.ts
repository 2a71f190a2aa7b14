// The first part of every key of a journal. It is written down at first use, because another one would give
// every decision another key, and random unless chosen: two projects at one venue must never share keys.

import { HoldfastError, parseId } from "@holdfast/core";
import type { Store } from "./store/store.ts";

const NAME = "namespace";

/** @throws HF-NAMESPACE-MISMATCH where the journal was begun with another one */
export function namespaceOf(store: Store, given: string | undefined, newId: () => string): string {
  const known = store.meta(NAME);
  if (known === undefined) {
    const namespace = given === undefined ? `ns_${newId()}` : parseId(given, "namespace");
    store.transaction(() => {
      store.setMeta(NAME, namespace);
    });
    return namespace;
  }
  if (given === undefined || given === known) return known;
  throw new HoldfastError(
    "HF-NAMESPACE-MISMATCH",
    `Cannot use namespace "${given}" with this journal: it was begun with "${known}", and another namespace would give every decision another key. Leave it out, or use another state folder.`,
    { class: "state", details: { before: known, now: given } },
  );
}
