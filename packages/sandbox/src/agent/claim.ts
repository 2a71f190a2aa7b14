// The faucet: by default 1 USDC per agent and 24 hours of the venue's time. Without an idempotency key a lost answer
// cannot be asked for again: the caller then has to read the balance.

import { formatDuration } from "@holdfast/core";
import { type ClaimResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import type { Context } from "../command/context.ts";
import { type Outcome, type Refused, refused } from "../command/outcome.ts";
import { VENUE, agentAccount, transactionHash } from "../ledger/ledger.ts";
import { nextClaimAt } from "./faucet-terms.ts";

export function claim(context: Context): Outcome {
  const { store, ledger, terms, at, agent } = context;
  const { amount } = terms.faucet;
  const early = tooEarly(context);
  if (early !== undefined) return early;
  const next = nextClaimAt(at, terms.faucet);
  store.agents.claimed(agent, at);
  store.agents.movePeak(agent, amount);
  const account = agentAccount(agent);
  const transfers = ledger.post([
    {
      debit: VENUE.faucet,
      credit: account,
      amount,
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
      amount_micros: toMicros(amount),
      amount: toGuideNumber(amount),
      tx_hash: transactionHash(agent, transfers),
      balance_micros: toMicros(balance),
      balance_usdc: toGuideNumber(balance),
      next_claim_at: next === null ? null : new Date(next).toISOString(),
    } satisfies z.input<typeof ClaimResponse>,
    agent,
    amount,
    event: {
      type: "faucet.claimed",
      payload: { amount_usdc: toGuideNumber(amount), balance_micros: toMicros(balance) },
    },
  };
}

/** Why the faucet gives nothing now; undefined where it does. */
function tooEarly({ store, terms, at, agent }: Context): Refused | undefined {
  const claimedAt = store.agents.get(agent)?.claimedAt ?? null;
  if (claimedAt === null) return undefined;
  const next = nextClaimAt(claimedAt, terms.faucet);
  if (next === null) {
    return refused("faucet_once", "The faucet gives once per agent.", { next_claim_at: null });
  }
  if (at >= next) return undefined;
  const wait = formatDuration(terms.faucet.windowMs);
  return {
    ...refused("faucet_claimed", `The faucet gives once per agent and ${wait}.`, {
      next_claim_at: new Date(next).toISOString(),
    }),
    retryAfterSeconds: Math.ceil((next - at) / 1_000),
  };
}
