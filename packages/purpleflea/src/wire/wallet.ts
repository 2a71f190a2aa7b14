// GET …/wallet/balance and …/wallet/transactions: what an agent has, and how it came to it.

import { z } from "zod";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros, RequestAmount, RequestQuantity } from "./money.ts";

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
  /** Margin of open positions as settled last, what open orders have reserved, what own escrows keep. */
  held_micros: Micros.optional(),
  held_usdc: GuideNumber,
  btc: GuideNumber,
  /** Exact, in units of 1e-8 BTC. */
  btc_units: z.string().optional(),
  balances: z.array(ChainBalance).optional(),
});

/** One posting that concerns the agent, newest first in a list. */
export const Transaction = z.object({
  id: z.string(),
  /** ISO 8601. */
  date: z.string(),
  /**
   * grant, faucet, deposit, withdrawal, margin, margin-return, fee, profit, loss, funding, liquidation,
   * insurance, insurance-cover, hold, hold-return, escrow-lock, escrow-payment, escrow-fee, escrow-referral,
   * escrow-refund, stake, stake-return, bet-win, bet-loss, hold-capture,
   * domain.
   */
  kind: z.string(),
  /** What it concerns: a position, an agent. */
  subject: z.string().optional(),
  /** Change of the spendable balance. */
  amount_micros: Micros,
  amount_usdc: GuideNumber,
  /** "BTC" for a posting of the BTC account: what it moves stands in `units` (1e-8 BTC) and is no USDC. */
  asset: z.string().optional(),
  units: z.string().optional(),
  /** Only where the posting settles a profit or a loss, so that averages over it are not diluted. */
  pnl_micros: Micros.optional(),
  pnl_usdc: GuideNumber,
  /** "win" or "loss", there where `pnl_usdc` is. */
  outcome: z.string().optional(),
  ref: z.string().nullable(),
});

export const TransactionsResponse = z.object({ transactions: z.array(Transaction) });

/** POST /api/wallet/deposit: paper money from outside, in USDC unless the asset is BTC. */
export const DepositRequest = z.discriminatedUnion("asset", [
  z.object({ asset: z.literal("USDC").optional(), amount: RequestAmount, ...Carriers.shape }),
  z.object({ asset: z.literal("BTC"), amount: RequestQuantity, ...Carriers.shape }),
]);

const address = z.string().min(1).max(200).optional();

/** POST /api/wallet/withdraw: the address is kept and shown; nothing is sent anywhere. */
export const WithdrawRequest = z.discriminatedUnion("asset", [
  z.object({
    asset: z.literal("USDC").optional(),
    amount: RequestAmount,
    address,
    ...Carriers.shape,
  }),
  z.object({ asset: z.literal("BTC"), amount: RequestQuantity, address, ...Carriers.shape }),
]);

export const WalletTransferResponse = z.object({
  transaction_id: z.string(),
  tx_hash: z.string(),
  asset: z.enum(["USDC", "BTC"]),
  /** What was moved and what is there now: micro-USDC, or 1e-8 BTC. */
  amount_units: z.string(),
  amount: z.number(),
  balance_units: z.string(),
  balance: z.number(),
  address: z.string().nullable(),
  status: z.string(),
});

export type ChainBalance = z.output<typeof ChainBalance>;
export type BalanceResponse = z.output<typeof BalanceResponse>;
export type Transaction = z.output<typeof Transaction>;
export type TransactionsResponse = z.output<typeof TransactionsResponse>;
export type DepositRequest = z.output<typeof DepositRequest>;
export type WithdrawRequest = z.output<typeof WithdrawRequest>;
export type WalletTransferResponse = z.output<typeof WalletTransferResponse>;
