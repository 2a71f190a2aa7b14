// Finds the agent of an API key, and notes when each key was used last. Nothing is remembered in memory but
// last uses: they are written down with the next write, so that a read costs no commit.

import type { Store } from "../store/store.ts";
import { hashApiKey } from "./api-key.ts";
import { isActive, isFull } from "./key.ts";
import { type Scope, readScopes } from "./scope.ts";

/** Last uses are kept to this, in milliseconds. */
export const USE_NOTED_MS = 60_000;

/** Who holds an API key, and what it may do. */
export interface KeyHolder {
  /** The agent's id and name. */
  readonly id: string;
  readonly name: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** All scopes and no expiry: it may make and revoke keys. */
  readonly isFull: boolean;
}

/** Why a key opens nothing. */
export type KeyState = "unknown" | "revoked" | "expired";

export interface Keyring {
  find(apiKey: string, at: number): KeyHolder | KeyState;
  /** Writes last uses down, in the caller's transaction. */
  noteUses(): void;
}

export function createKeyring(store: Store): Keyring {
  /** By the id of the key: what is in the file, and what is not yet. */
  const noted = new Map<string, number>();
  const pending = new Map<string, number>();
  return {
    find(apiKey, at) {
      const key = store.keys.byHash(hashApiKey(apiKey));
      if (key === undefined) return "unknown";
      if (key.revokedAt !== null) return "revoked";
      if (!isActive(key, at)) return "expired";
      if (at - (noted.get(key.id) ?? key.usedAt ?? -Infinity) >= USE_NOTED_MS) {
        pending.set(key.id, at);
      }
      return {
        id: key.agent,
        name: key.agentName,
        keyId: key.id,
        scopes: readScopes(key.scopes),
        isFull: isFull(key),
      };
    },
    noteUses() {
      for (const [id, at] of pending) {
        store.keys.used(id, at);
        noted.set(id, at);
      }
      pending.clear();
    },
  };
}
