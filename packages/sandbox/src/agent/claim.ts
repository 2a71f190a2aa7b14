// The faucet: 1 USDC per agent and 24 hours of the venue's time. Without an idempotency key a lost answer
// cannot be asked for again: the caller then has to read the balance.

import { type Usdc, micros } from "@holdfast/core";
import { type ClaimResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, refused } from "../command/outcome.ts";
import { VENUE, agentAccount, transactionHash } from "../ledger/ledger.ts";

/** What the faucet gives. */
export const FAUCET_AMOUNT: Usdc = micros(1_000_000n);
/** How long it then waits, in milliseconds. */
export const FAUCET_WINDOW_MS = 86_400_000;

export function claim(context: Context): Outcome {
  const { store, ledger, at, agent } = context;
  const claimedAt = store.agents.get(agent)?.claimedAt ?? null;
  if (claimedAt !== null && at < claimedAt + FAUCET_WINDOW_MS) {
    const next = claimedAt + FAUCET_WINDOW_MS;
    const more = { next_claim_at: new Date(next).toISOString() };
    return {
      ...refused("faucet_claimed", "The faucet gives once per agent and 24 hours.", more),
      retryAfterSeconds: Math.ceil((next - at) / 1_000),
    };
  }
  store.agents.claimed(agent, at);
  store.agents.movePeak(agent, FAUCET_AMOUNT);
  const account = agentAccount(agent);
  const transfers = ledger.post([
    {
      debit: VENUE.faucet,
      credit: account,
      amount: FAUCET_AMOUNT,
      kind: "faucet",
      agent,
      subject: agent,
      at,
      command: context.command,
    },
  ]);
  const balance = ledger.balance(account);
  return {
    kind: "done",
    status: 200,
    body: {
      amount_micros: toMicros(FAUCET_AMOUNT),
      amount: toGuideNumber(FAUCET_AMOUNT),
      tx_hash: transactionHash(agent, transfers),
      balance_micros: toMicros(balance),
      balance_usdc: toGuideNumber(balance),
      next_claim_at: new Date(at + FAUCET_WINDOW_MS).toISOString(),
    } satisfies z.input<typeof ClaimResponse>,
    agent,
    amount: FAUCET_AMOUNT,
    event: {
      type: "faucet.claimed",
      payload: { amount_usdc: toGuideNumber(FAUCET_AMOUNT), balance_micros: toMicros(balance) },
    },
  };
}
