// Paths of accounts: registration and the faucet.

import {
  ApiKeysResponse,
  ClaimRequest,
  ClaimResponse,
  CreateKeyRequest,
  CreateKeyResponse,
  RegisterRequest,
  RegisterResponse,
  RevokeKeyRequest,
  RevokeKeyResponse,
} from "@holdfast/purpleflea/wire";
import { faucetStatus } from "../../agent/faucet-status.ts";
import { listKeys } from "../../agent/key.ts";
import type { Command } from "../../command/command.ts";
import { type ReadOptions, type Route, type WriteOptions, read, write } from "../route.ts";

const SECOND_MS = 1_000;

const register: WriteOptions<typeof RegisterRequest> = {
  schema: RegisterRequest,
  command: ({ name, description }) => ({ operation: "register", name, description }),
  response: RegisterResponse,
  open: true,
};

const claim: WriteOptions<typeof ClaimRequest> = {
  schema: ClaimRequest,
  command: () => ({ operation: "claim" }),
  response: ClaimResponse,
};

const createKey: WriteOptions<typeof CreateKeyRequest> = {
  schema: CreateKeyRequest,
  command: ({ label, scopes, expires_in_seconds: seconds }): Command => ({
    operation: "create-api-key",
    label,
    ...(scopes === undefined ? {} : { scopes }),
    ...(seconds === undefined ? {} : { expiresInMs: seconds * SECOND_MS }),
  }),
  response: CreateKeyResponse,
  scope: "full",
};

const revokeKey: WriteOptions<typeof RevokeKeyRequest> = {
  schema: RevokeKeyRequest,
  command: (_body, path) => ({ operation: "revoke-api-key", keyId: path.split("/").at(-2) ?? "" }),
  response: RevokeKeyResponse,
  scope: "full",
};

const faucet: ReadOptions = {
  answer: ({ venue, agent }) => ({ ...venue.look(agent, faucetStatus) }),
};

export const accountRoutes: readonly Route[] = [
  write("faucet", "/api/register", "register", register),
  write("main", "/api/register", "register", register),
  write("faucet", "/api/claim", "claim", claim),
  write("main", "/api/claim", "claim", claim),
  read("faucet", "/api/status", "faucet-status", faucet),
  read("main", "/api/faucet/status", "faucet-status", faucet),
  write("main", "/api/keys", "create-api-key", createKey),
  write("main", "/api/keys/:id/revoke", "revoke-api-key", revokeKey),
  read("main", "/api/keys", "api-keys", {
    answer: ({ venue, agent }) => ({ keys: venue.look(agent, listKeys) }),
    response: ApiKeysResponse,
  }),
];
