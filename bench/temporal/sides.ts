// The two sides that are compared, as peers of `bench:peers`: both do the same work on the same server.

import { type Listed, PEERS } from "../peers/peers.ts";

export const SIDES = ["holdfast-temporal", "temporal"] as const;
export type Side = (typeof SIDES)[number];

/** The peer of a side. */
export function peerOf(side: Side): Listed {
  const found = PEERS.find(({ name }) => name === side);
  if (found === undefined) throw new Error(`There is no peer ${side}.`);
  return found;
}
