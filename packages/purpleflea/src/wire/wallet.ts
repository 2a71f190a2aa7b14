// GET …/wallet/balance and …/wallet/transactions.

import { z } from "zod";
import { Micros } from "./money.ts";

export const BalanceResponse = z.object({
  agent_id: z.string(),
  usdc: z.number(),
  usdc_micros: Micros,
  btc: z.number(),
});

export const Transaction = z.object({
  id: z.string(),
  date: z.string(),
  kind: z.string(),
  amount_micros: Micros,
  pnl_usdc: z.number(),
  outcome: z.string(),
  ref: z.string().nullable(),
});

export const TransactionsResponse = z.object({ transactions: z.array(Transaction) });
