// Which service of the venue a path belongs to: what its API key must be allowed to do, and which rate limit it
// counts against. A row that means something else says so itself.

import type { NeededScope } from "../agent/scope.ts";
import type { Service } from "../limit/rate-limits.ts";
import type { Host } from "./route.ts";

interface Place {
  readonly kind: "read" | "write";
  readonly host: Host;
  readonly path: string;
  readonly operation: string;
}

type Family = "trade" | "wallet" | "escrow" | "casino" | "domains" | "webhooks" | "faucet";

/** The first that fits a path says its family. */
const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/^\/casino\//u, "casino"],
  [/\/(?:casino|games?)(?:\/|$)/u, "casino"],
  [/\/(?:escrows?|jobs?)(?:\/|$)/u, "escrow"],
  [/\/domains?(?:\/|$)/u, "domains"],
  [/\/webhooks?(?:\/|$)/u, "webhooks"],
  [/\/(?:register|claim|faucet)(?:\/|$)/u, "faucet"],
  [/\/wallet(?:\/|$)/u, "wallet"],
  [/\/(?:trade|orders?|positions?)(?:\/|$)/u, "trade"],
];

function familyOf({ host, path }: Place): Family | undefined {
  if (host === "escrow") return "escrow";
  if (host === "faucet") return "faucet";
  return FAMILIES.find(([pattern]) => pattern.test(path))?.[1];
}

/** What a key needs for a path. Reads need `read`; writes that are of no service need a full key. */
export function scopeOf(place: Place): NeededScope {
  if (place.kind === "read") return "read";
  const family = familyOf(place);
  // What the faucet gives goes into the wallet.
  if (family === "faucet") return "wallet";
  return family ?? "full";
}

/** Operations that lessen what is at risk: they are limited apart, so that they are never in the way. */
const EXITS: ReadonlySet<string> = new Set(["close", "close-all", "cancel-order"]);

/** The rate limit that a path counts against. */
export function serviceOf(place: Place): Service {
  if (EXITS.has(place.operation)) return "exit";
  if (place.kind === "read") return /\/market(?:\/|$)/u.test(place.path) ? "market" : "read";
  const family = familyOf(place);
  return family === undefined || family === "webhooks" ? "account" : family;
}
