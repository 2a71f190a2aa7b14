// Registers an agent: an id, an API key, and the grant that the paper venue gives to begin with, as a transfer
// that the ledger shows.

import { type RegisterResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import type { Outcome } from "../command/outcome.ts";
import { VENUE, agentAccount } from "../ledger/ledger.ts";
import { makeApiKey } from "./api-key.ts";
import type { AccountCommand } from "./command.ts";
import { keepKey } from "./key.ts";
import { LIVE_PREFIX } from "./live-key.ts";
import { writeScopes } from "./scope.ts";

type RegisterCommand = Extract<AccountCommand, { operation: "register" }>;

export function register(command: RegisterCommand, context: Context): Outcome {
  const { store, ledger, identities, at, grant } = context;
  const id = identities.id("agent", context.command);
  const { name, description, liveKeyHash } = command;
  store.agents.insert({ id, name, description, at, peak: grant });
  const key = {
    id: identities.id("key", context.command),
    number: context.command,
    agent: id,
    scopes: writeScopes(undefined),
    createdAt: at,
    expiresAt: null,
  };
  const apiKey = makeApiKey(identities.secret(context.command));
  if (liveKeyHash === undefined) keepKey(store.keys, apiKey, { ...key, label: "registration" });
  // Of a live key not even its first characters are kept.
  else store.keys.insert({ ...key, hash: liveKeyHash, prefix: LIVE_PREFIX, label: "live key" });
  ledger.post([
    {
      debit: VENUE.grants,
      credit: agentAccount(id),
      amount: grant,
      kind: "grant",
      agent: id,
      subject: id,
      at,
      command: context.command,
    },
  ]);
  return {
    kind: "done",
    status: 201,
    body: {
      agent_id: id,
      api_key: liveKeyHash === undefined ? apiKey : LIVE_PREFIX,
      grant_micros: toMicros(grant),
      grant_usdc: toGuideNumber(grant),
    } satisfies z.input<typeof RegisterResponse>,
    agent: id,
    amount: grant,
    event: { type: "agent.registered", payload: { agent_id: id, name } },
    secret: true,
  };
}
