// Where a call stands in the work: what its key and its default business name are made of.

import { type CallOptions, type KeyParts, parseId } from "@holdfast/core";
import type { RunIdentity } from "./identity.ts";

export interface Place {
  readonly key: KeyParts;
  /** Unique per effect: generations after the first are told apart. */
  readonly ref: string;
}

/** The place of the n-th call of an activity, or of the one that the user named. */
export function placeOf(
  identity: RunIdentity,
  activity: string,
  ordinal: number,
  options: CallOptions = {},
): Place {
  const { namespace, root, generation } = identity;
  if (options.key === undefined) {
    const chain = generation === 0 ? root : `${root}+${generation}`;
    return {
      key: { kind: "ordinal", namespace, root, generation, activity, ordinal },
      ref: `${chain}/${activity}/${ordinal}`,
    };
  }
  const userKey = parseId(options.key, "key");
  return options.scope === "project"
    ? { key: { kind: "project", namespace, activity, userKey }, ref: `${activity}/${userKey}` }
    : {
        key: { kind: "user", namespace, root, activity, userKey },
        ref: `${root}/${activity}/${userKey}`,
      };
}
