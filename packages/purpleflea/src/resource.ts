// The resources of Purple Flea activities: the client, bound to each attempt, and the store of secrets.

import { type Resource, resource } from "@holdfast/core";
import { type BoundPurpleFlea, bindPurpleFlea } from "./client/bound.ts";
import type { PurpleFlea } from "./client/client.ts";
import { paperProfile } from "./profile.ts";

/**
 * The venue's client in activities: `a.use(purpleFlea)`.
 *
 * @example
 * run: (input, a) => a.use(purpleFlea).trade.open(input)
 */
export const purpleFlea: Resource<PurpleFlea, BoundPurpleFlea> = resource<
  PurpleFlea,
  BoundPurpleFlea
>({
  name: "purpleflea",
  venue: paperProfile,
  bind: bindPurpleFlea,
});

/** Where secrets lie. What is journaled is the reference that `save` returns. */
export interface SecretStore {
  /** Keeps a secret, on disk before it returns, and gives the reference to it. */
  save(name: string, value: string): Promise<string>;
  /** What is kept under a name. Where a store has this, a key that exists is never replaced by another's. */
  read?(name: string): string | undefined | Promise<string | undefined>;
}

export const secrets: Resource<SecretStore, SecretStore> = resource<SecretStore>({
  name: "secrets",
  bind: (store) => store,
});
