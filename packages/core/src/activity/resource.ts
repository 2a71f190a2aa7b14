// A resource is a shared client with a lifetime that activities use through `a.use(resource)`. What they get
// is bound to the attempt: key, ref and abort signal go along by themselves.

import type { AttemptBinding } from "./attempt.ts";

/** What a venue can do, as far as exactly-once effects depend on it. */
export interface VenueCapabilities {
  readonly idempotency: "none" | "header" | "body";
  /** How long the venue remembers a key, in milliseconds. Nothing is resent in its last hour. */
  readonly keyTtlMs: number;
  /** How long after a send the venue may still commit it, in milliseconds. */
  readonly settleMs: number;
}

export interface Resource<Raw = unknown, Bound = unknown> {
  readonly kind: "resource";
  readonly name: string;
  /** Present when effects land there. */
  readonly venue?: VenueCapabilities | undefined;
  readonly bind: (raw: Raw, attempt: AttemptBinding) => Bound;
}

export interface ResourceOptions<Raw, Bound> {
  readonly name: string;
  readonly venue?: VenueCapabilities;
  readonly bind: (raw: Raw, attempt: AttemptBinding) => Bound;
}

/** Defines a resource. The value behind it is given to the engine: `provide(resource, open)`. */
export function resource<Raw, Bound = Raw>(
  options: ResourceOptions<Raw, Bound>,
): Resource<Raw, Bound> {
  return Object.freeze({
    kind: "resource",
    name: options.name,
    venue: options.venue,
    bind: options.bind,
  });
}

/** A resource and how to open it for an account; the engine opens it once per account, at first use. */
export interface Provided {
  readonly resource: Resource;
  readonly open: (account: string) => unknown;
  /** Overrides the definition's capabilities: what the venue at hand can do. */
  readonly venue?: VenueCapabilities | undefined;
}

export function provide<Raw, Bound>(
  resource: Resource<Raw, Bound>,
  open: (account: string) => NoInfer<Raw> | Promise<NoInfer<Raw>>,
  venue?: VenueCapabilities,
): Provided {
  return { resource: resource as unknown as Resource, open, venue };
}
