// /api/keys: an agent's API keys, each with what it may do and for how long (an extension of the paper venue).
// A full key (all scopes, no expiry) makes and revokes keys; one always remains.

import { z } from "zod";
import { Carriers } from "./carrier.ts";

/** What a key may do: `read` everything of the agent, and write to these services. */
export const ApiKeyScope = z.enum([
  "read",
  "trade",
  "wallet",
  "escrow",
  "casino",
  "domains",
  "webhooks",
]);

/** Longest life of a key that expires, in seconds: ten years. */
const EXPIRES_IN_MAX = 315_360_000;

/** POST /api/keys. */
export const CreateKeyRequest = z.object({
  label: z.string().min(1).max(100),
  /** All where absent, also those of later versions. */
  scopes: z.array(ApiKeyScope).min(1).max(ApiKeyScope.options.length).optional(),
  /** On the venue's clock; for ever where absent. */
  expires_in_seconds: z.number().int().min(1).max(EXPIRES_IN_MAX).optional(),
  ...Carriers.shape,
});

/** POST /api/keys/:id/revoke. */
export const RevokeKeyRequest = z.object({ ...Carriers.shape });

const shown = {
  key_id: z.string(),
  /** The first characters of the key, to tell it from others. */
  prefix: z.string(),
  label: z.string(),
  scopes: z.array(z.string()),
  /** ISO 8601, as the others. */
  created_at: z.string(),
  expires_at: z.string().nullable(),
};

export const CreateKeyResponse = z.object({
  ...shown,
  /** Shown once: only a repetition under the same idempotency key shows it again. */
  api_key: z.string(),
});

/** GET /api/keys: oldest first. */
export const ApiKeysResponse = z.object({
  keys: z.array(
    z.object({
      ...shown,
      /** To the minute. */
      last_used_at: z.string().nullable(),
      revoked_at: z.string().nullable(),
    }),
  ),
});

export const RevokeKeyResponse = z.object({ key_id: z.string(), revoked_at: z.string() });

export type ApiKeyScope = z.output<typeof ApiKeyScope>;
export type CreateKeyRequest = z.output<typeof CreateKeyRequest>;
export type CreateKeyResponse = z.output<typeof CreateKeyResponse>;
export type ApiKeysResponse = z.output<typeof ApiKeysResponse>;
export type RevokeKeyResponse = z.output<typeof RevokeKeyResponse>;
