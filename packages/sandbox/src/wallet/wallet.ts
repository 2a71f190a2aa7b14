// What an agent has, and how it came to it: the balance, and the ledger's transfers as seen from the agent.

import { type Usdc, micros } from "@holdfast/core";
import {
  type BalanceResponse,
  type Transaction,
  toGuideNumber,
  toMicros,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import { agentAccount } from "../ledger/ledger.ts";
import type { StoredTransfer } from "../store/ledger-table.ts";
import type { Store } from "../store/store.ts";

export type BalanceAnswer = z.input<typeof BalanceResponse>;
export type TransactionAnswer = z.input<typeof Transaction>;

/** Spendable and held USDC; the asset account stands at zero until assets can be bought. */
export function balance(agent: string, store: Store): BalanceAnswer {
  const available = store.ledger.balance(agentAccount(agent));
  const held = store.positions.held(agent);
  const usdc = toGuideNumber(available);
  return {
    agent_id: agent,
    usdc_micros: toMicros(available),
    usdc,
    held_micros: toMicros(held),
    held_usdc: toGuideNumber(held),
    btc: 0,
    balances: [
      { chain: "base", asset: "USDC", native: usdc, usd: usdc },
      { chain: "bitcoin", asset: "BTC", native: 0, usd: 0 },
    ],
  };
}

/** The agent's transfers, newest first. */
export function transactions(
  agent: string,
  limit: number,
  store: Store,
): readonly TransactionAnswer[] {
  return store.ledger.ofAgent(agent, limit).map((transfer) => describe(transfer, agent));
}

function describe(transfer: StoredTransfer, agent: string): TransactionAnswer {
  const own = agentAccount(agent);
  const { debit, credit, amount } = transfer;
  const change = micros(credit === own ? amount : debit === own ? -amount : 0n);
  const profit = profitOf(transfer);
  return {
    id: `tx_${transfer.id}`,
    date: new Date(transfer.at).toISOString(),
    kind: transfer.kind,
    subject: transfer.subject,
    amount_micros: toMicros(change),
    amount_usdc: toGuideNumber(change),
    ...(profit === undefined
      ? {}
      : {
          pnl_micros: toMicros(profit),
          pnl_usdc: toGuideNumber(profit),
          outcome: profit > 0n ? "win" : "loss",
        }),
    ref: transfer.ref,
  };
}

function profitOf({ kind, amount }: StoredTransfer): Usdc | undefined {
  if (kind === "profit") return amount;
  return kind === "loss" || kind === "liquidation" ? micros(-amount) : undefined;
}
