// What an agent has, and how it came to it: the balance, and the ledger's transfers as seen from the agent.

import { type Usdc, micros } from "@holdfast/core";
import {
  type BalanceResponse,
  type Transaction,
  toGuideNumber,
  toMicros,
} from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import { agentAccount, bitcoinAccount } from "../ledger/ledger.ts";
import type { StoredTransfer } from "../store/ledger-table.ts";
import type { Store } from "../store/store.ts";
import { notional } from "../trade/perpetual.ts";

export type BalanceAnswer = z.input<typeof BalanceResponse>;
export type TransactionAnswer = z.input<typeof Transaction>;

/** Spendable and held USDC, and the BTC beside it. */
export function balance(agent: string, store: Store, bitcoinPrice: Usdc): BalanceAnswer {
  const available = store.ledger.balance(agentAccount(agent));
  const escrowed = store.escrows.held(agent);
  const held = micros(store.positions.held(agent) + store.orders.reserved(agent) + escrowed);
  const usdc = toGuideNumber(available);
  const units = store.ledger.balance(bitcoinAccount(agent));
  const btc = Number(units) / 100_000_000;
  const btcUsd = toGuideNumber(notional(units, bitcoinPrice));
  return {
    agent_id: agent,
    usdc_micros: toMicros(available),
    usdc,
    held_micros: toMicros(held),
    held_usdc: toGuideNumber(held),
    btc,
    btc_units: units.toString(),
    balances: [
      { chain: "base", asset: "USDC", native: usdc, usd: usdc },
      { chain: "bitcoin", asset: "BTC", native: btc, usd: btcUsd },
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
  const bitcoin = bitcoinAccount(agent);
  if (debit === bitcoin || credit === bitcoin) {
    const units = credit === bitcoin ? amount : -amount;
    return { ...common(transfer), amount_micros: "0", asset: "BTC", units: units.toString() };
  }
  const change = credit === own ? amount : debit === own ? debited(transfer) : micros(0n);
  const profit = profitOf(transfer);
  return {
    ...common(transfer),
    amount_micros: toMicros(change),
    amount_usdc: toGuideNumber(change),
    ...(profit === undefined
      ? {}
      : {
          pnl_micros: toMicros(profit),
          pnl_usdc: toGuideNumber(profit),
          outcome: profit > 0n ? "win" : "loss",
        }),
  };
}

/** Posting what was reserved takes nothing more; voiding gives it back. */
function debited({ state, pendingOf, amount }: StoredTransfer): Usdc {
  if (state === "voided") return amount;
  return micros(pendingOf === null ? -amount : 0n);
}

function common({ id, at, kind, subject, ref }: StoredTransfer) {
  return { id: `tx_${id}`, date: new Date(at).toISOString(), kind, subject, ref };
}

/** Kinds of postings that settle a profit, or a loss. */
const GAINS: ReadonlySet<string> = new Set(["profit", "bet-win"]);
const LOSSES: ReadonlySet<string> = new Set(["loss", "liquidation", "bet-loss"]);

function profitOf({ kind, amount }: StoredTransfer): Usdc | undefined {
  if (GAINS.has(kind)) return amount;
  return LOSSES.has(kind) ? micros(-amount) : undefined;
}
