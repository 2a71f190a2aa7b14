// Live keys as names of paper agents, where the venue was told to take them: a program that has one in its
// environment runs unchanged. The key is hashed at once and goes nowhere; only keys that begin with pf_live_.

import type { Command, Sender } from "../command/command.ts";
import { hashApiKey } from "./api-key.ts";

export const LIVE_PREFIX = "pf_live_";

/** What is said at each start of a venue that takes them. */
export const LIVE_KEYS_WARNING =
  "This paper venue takes live keys (pf_live_…) as names of paper agents. It keeps their hashes only and sends them nowhere; but a program that means the real venue and reaches this one trades on paper. Leave --accept-live-keys out when you do not need it.";

/** The registration that a live key's first use is. */
export function adoption(apiKey: string): { readonly command: Command; readonly sender: Sender } {
  const keyHash = hashApiKey(apiKey);
  const name = `live-${keyHash.slice(0, 12)}`;
  const description = "Named by a live key, of which only the hash is kept.";
  return {
    command: { operation: "register", name, description, liveKeyHash: keyHash },
    sender: { agent: "", key: `live:${keyHash}` },
  };
}
