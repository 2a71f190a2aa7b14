// API keys: made here, shown once, kept as a hash. Keys that could move real money are recognised, so that
// they are refused with a word of warning; they are never kept or repeated.

import { createHash } from "node:crypto";

const PAPER_PREFIX = "pf_test_";

const LIVE_PREFIXES = [
  "pf_live_",
  "pf_sk_live_",
  "pk_live_",
  "sk_live_",
  "sk_trade_",
  "sk_domains_",
];

/** How much of an API key is shown in lists: the prefix and 4 characters of the secret's 32. */
export const SHOWN_LENGTH: number = PAPER_PREFIX.length + 4;

export function makeApiKey(secret: string): string {
  return `${PAPER_PREFIX}${secret}`;
}

/** How an API key stands in the file: it is random enough to need no salt. */
export function hashApiKey(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex");
}

export function isLiveKey(apiKey: string): boolean {
  return LIVE_PREFIXES.some((prefix) => apiKey.startsWith(prefix));
}
