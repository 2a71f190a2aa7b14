// The agent's API keys: made with as little as they need, listed, revoked. An extension of the paper venue.

import type { z } from "zod";
import {
  type ApiKeyScope,
  ApiKeysResponse,
  CreateKeyResponse,
  RevokeKeyResponse,
} from "../../wire/index.ts";
import type { Calls } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface KeyRequest {
  readonly label: string;
  /** All where absent. */
  readonly scopes?: readonly ApiKeyScope[] | undefined;
  /** For ever where absent. */
  readonly expiresInSeconds?: number | undefined;
}

export interface KeysGroup {
  /** The answer holds the key; needs a full key: all scopes, no expiry. */
  create(key: KeyRequest, mark: WriteMark): Promise<z.output<typeof CreateKeyResponse>>;
  /** Oldest first, without the keys themselves. */
  list(mark?: ReadMark): Promise<z.output<typeof ApiKeysResponse>["keys"]>;
  /** One full key always remains. */
  revoke(keyId: string, mark: WriteMark): Promise<z.output<typeof RevokeKeyResponse>>;
}

export function keysGroup({ read, write, profile: { paths } }: Calls): KeysGroup {
  return {
    create({ label, scopes, expiresInSeconds }, mark) {
      const body = { label, scopes, expires_in_seconds: expiresInSeconds };
      return write(
        {
          operation: "create-api-key",
          what: "create an API key",
          path: paths.keys,
          body,
          answer: CreateKeyResponse,
        },
        mark,
      );
    },
    async list(mark) {
      const call = { operation: "api-keys", path: paths.keys, answer: ApiKeysResponse };
      return (await read(call, mark)).keys;
    },
    revoke(keyId, mark) {
      return write(
        {
          operation: "revoke-api-key",
          what: "revoke an API key",
          path: `${paths.keys}/${encodeURIComponent(keyId)}/revoke`,
          body: {},
          answer: RevokeKeyResponse,
        },
        mark,
      );
    },
  };
}
