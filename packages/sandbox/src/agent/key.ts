// An agent's API keys: made, listed and revoked. One full key always remains, so that an agent cannot lock
// itself out of its own money.

import type {
  ApiKeysResponse,
  CreateKeyResponse,
  RevokeKeyResponse,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { micros } from "@holdfast/core";
import type { KeyRow, KeyTable, NewKey } from "../store/key-table.ts";
import { SHOWN_LENGTH, hashApiKey, makeApiKey } from "./api-key.ts";
import type { AccountCommand } from "./command.ts";
import { isAll, readScopes, writeScopes } from "./scope.ts";

/** Keys of one agent that are neither revoked nor expired, at most. */
export const API_KEYS_MAX = 20;

type Shown = z.input<typeof ApiKeysResponse>["keys"][number];

/** Keeps a new key; only its hash and its first characters go into the file. */
export function keepKey(
  keys: KeyTable,
  apiKey: string,
  key: Omit<NewKey, "hash" | "prefix">,
): void {
  keys.insert({ ...key, hash: hashApiKey(apiKey), prefix: apiKey.slice(0, SHOWN_LENGTH) });
}

export function createKey(
  { label, scopes, expiresInMs }: Extract<AccountCommand, { operation: "create-api-key" }>,
  context: Context,
): Outcome {
  const { store, identities, at, agent, command } = context;
  const active = store.keys.ofAgent(agent).filter((key) => isActive(key, at));
  if (active.length >= API_KEYS_MAX) {
    const detail = `An agent has at most ${API_KEYS_MAX} keys. Revoke one that is not used.`;
    return refused("too_many_api_keys", detail, { limit: API_KEYS_MAX });
  }
  const id = identities.id("key", command);
  const apiKey = makeApiKey(identities.secret(command));
  keepKey(store.keys, apiKey, {
    id,
    number: command,
    agent,
    label,
    scopes: writeScopes(scopes),
    createdAt: at,
    expiresAt: expiresInMs === undefined ? null : at + expiresInMs,
  });
  const kept = store.keys.get(id);
  if (kept === undefined) throw new Error(`Key ${id} was not kept.`);
  const { last_used_at: _used, revoked_at: _revoked, ...shown } = showKey(kept);
  return {
    kind: "done",
    status: 201,
    body: { ...shown, api_key: apiKey } satisfies z.input<typeof CreateKeyResponse>,
    agent,
    amount: micros(0n),
    event: { type: "agent.api_key_created", payload: { key_id: id, label } },
    secret: true,
  };
}

export function revokeKey(id: string, { store, at, agent }: Context): Outcome {
  const key = store.keys.get(id);
  if (key === undefined || key.agent !== agent) {
    return refused("unknown_key", `No API key ${id} of this agent.`);
  }
  if (key.revokedAt !== null) {
    return refused("api_key_revoked", `The API key ${id} is revoked already.`);
  }
  const others = store.keys.ofAgent(agent).filter((other) => other.id !== id);
  if (isFull(key) && !others.some((other) => isFull(other) && other.revokedAt === null)) {
    const detail =
      "This is the agent's last full key (all scopes, no expiry): without one it could never make another. Create one first.";
    return refused("last_api_key", detail);
  }
  store.keys.revoke(id, at);
  return {
    kind: "done",
    status: 200,
    body: { key_id: id, revoked_at: iso(at) } satisfies z.input<typeof RevokeKeyResponse>,
    agent,
    amount: micros(0n),
    event: { type: "agent.api_key_revoked", payload: { key_id: id } },
  };
}

/** Oldest first. */
export function listKeys({ store, agent }: Pick<Context, "store" | "agent">): readonly Shown[] {
  return store.keys.ofAgent(agent).map(showKey);
}

export function isActive({ revokedAt, expiresAt }: KeyRow, at: number): boolean {
  return revokedAt === null && (expiresAt === null || at < expiresAt);
}

/** Whether it may make and revoke keys. */
export function isFull({ scopes, expiresAt }: KeyRow): boolean {
  return isAll(scopes) && expiresAt === null;
}

function showKey(key: KeyRow): Shown {
  const { id, prefix, label, scopes, createdAt, expiresAt, revokedAt, usedAt } = key;
  return {
    key_id: id,
    prefix,
    label,
    scopes: [...readScopes(scopes)],
    created_at: iso(createdAt),
    expires_at: expiresAt === null ? null : iso(expiresAt),
    last_used_at: usedAt === null ? null : iso(usedAt),
    revoked_at: revokedAt === null ? null : iso(revokedAt),
  };
}

const iso = (instant: number): string => new Date(instant).toISOString();
