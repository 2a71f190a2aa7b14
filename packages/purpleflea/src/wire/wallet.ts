// GET …/wallet/balance and …/wallet/transactions: what an agent has, and how it came to it.

import { z } from "zod";
import { GuideNumber, Micros } from "./money.ts";

/** One chain's balance, in its native asset and in USD. */
export const ChainBalance = z.object({
  chain: z.string(),
  asset: z.string(),
  native: z.number(),
  usd: z.number(),
});

export const BalanceResponse = z.object({
  agent_id: z.string(),
  /** What may be spent now. */
  usdc_micros: Micros,
  usdc: GuideNumber,
  /** Margin of open positions. */
  held_micros: Micros.optional(),
  held_usdc: GuideNumber,
  btc: GuideNumber,
  balances: z.array(ChainBalance).optional(),
});

/** One posting that concerns the agent, newest first in a list. */
export const Transaction = z.object({
  id: z.string(),
  /** ISO 8601. */
  date: z.string(),
  /** grant, faucet, margin, margin-return, fee, profit, loss, liquidation. */
  kind: z.string(),
  /** What it concerns: a position, an agent. */
  subject: z.string().optional(),
  /** Change of the spendable balance. */
  amount_micros: Micros,
  amount_usdc: GuideNumber,
  /** Only where the posting settles a profit or a loss, so that averages over it are not diluted. */
  pnl_micros: Micros.optional(),
  pnl_usdc: GuideNumber,
  /** "win" or "loss", there where `pnl_usdc` is. */
  outcome: z.string().optional(),
  ref: z.string().nullable(),
});

export const TransactionsResponse = z.object({ transactions: z.array(Transaction) });

export type ChainBalance = z.output<typeof ChainBalance>;
export type BalanceResponse = z.output<typeof BalanceResponse>;
export type Transaction = z.output<typeof Transaction>;
export type TransactionsResponse = z.output<typeof TransactionsResponse>;
