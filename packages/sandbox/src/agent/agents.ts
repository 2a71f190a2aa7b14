// Agents and their API keys. A key is shown once and kept as a hash.

import { createHash } from "node:crypto";
import { type Usdc, formatUsdc, micros } from "@holdfast/core";
import type { Command, Outcome } from "../command/command.ts";
import { refusal } from "../command/command.ts";
import type { Context } from "../command/context.ts";
import { agentAccount } from "../ledger/ledger.ts";
import type { Database } from "../store/database.ts";

/** What the faucet gives, once per agent and day. */
export const FAUCET_AMOUNT: Usdc = micros(1_000_000n);
export const FAUCET_WINDOW_MS = 86_400_000;

export function hashKey(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("hex");
}

/** The agent that an API key belongs to. */
export function agentOf(database: Database, apiKey: string): string | undefined {
  const found = database.raw.prepare("SELECT id FROM agent WHERE key_hash = ?").get(hashKey(apiKey));
  return found === undefined ? undefined : String(found["id"]);
}

export function register(command: Command & { readonly operation: "register" }, context: Context): Outcome {
  const { database, ledger, at, grant } = context;
  const id = context.newId("agent");
  const apiKey = `pf_test_${context.newSecret()}`;
  database.raw
    .prepare("INSERT INTO agent (id, name, description, key_hash, created_at, peak) VALUES (?, ?, ?, ?, ?, ?)")
    .run(id, command.name, command.description, hashKey(apiKey), at, grant);
  ledger.post([
    { debit: "venue:grants", credit: agentAccount(id), amount: grant, kind: "grant", agent: id, subject: id, at, command: context.command },
  ]);
  return {
    status: 201,
    body: { agent_id: id, api_key: apiKey, grant_usdc: Number(formatUsdc(grant)), grant_micros: grant.toString() },
    effect: true,
    amount: grant,
    event: { type: "agent.registered", payload: { agent_id: id } },
    secret: true,
  };
}

export function claim(context: Context): Outcome {
  const { database, ledger, at, agent } = context;
  const claimedAt = database.raw.prepare("SELECT claimed_at FROM agent WHERE id = ?").get(agent)?.["claimed_at"];
  const next = typeof claimedAt === "number" ? claimedAt + FAUCET_WINDOW_MS : 0;
  if (at < next) {
    const seconds = Math.ceil((next - at) / 1_000);
    return {
      ...refusal(429, "faucet_claimed", "The faucet gives once per agent and day.", {
        next_claim_at: new Date(next).toISOString(),
      }),
      retryAfterS: seconds,
    };
  }
  database.raw.prepare("UPDATE agent SET claimed_at = ? WHERE id = ?").run(at, agent);
  ledger.post([
    { debit: "venue:faucet", credit: agentAccount(agent), amount: FAUCET_AMOUNT, kind: "faucet", agent, subject: agent, at, command: context.command },
  ]);
  return {
    status: 200,
    body: {
      amount: Number(formatUsdc(FAUCET_AMOUNT)),
      amount_micros: FAUCET_AMOUNT.toString(),
      tx_hash: createHash("sha256").update(`claim:${agent}:${context.command}`).digest("hex"),
    },
    effect: true,
    amount: FAUCET_AMOUNT,
    event: { type: "wallet.balance_changed", payload: { agent_id: agent } },
  };
}
