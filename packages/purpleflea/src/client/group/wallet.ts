// The wallet: what there is, how it came, paper money in and out.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import {
  BalanceResponse,
  LowBalanceThresholdResponse,
  TransactionsResponse,
  WalletTransferResponse,
} from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

/** Paper money, in USDC or in a decimal of BTC. */
export type WalletAmount =
  | { readonly asset?: "USDC" | undefined; readonly amount: Usdc }
  | { readonly asset: "BTC"; readonly amount: string };

export interface WalletGroup {
  balance(mark?: ReadMark): Promise<z.output<typeof BalanceResponse>>;
  /** Newest first. */
  transactions(
    options?: { readonly limit?: number },
    mark?: ReadMark,
  ): Promise<z.output<typeof TransactionsResponse>["transactions"]>;
  deposit(amount: WalletAmount, mark: WriteMark): Promise<z.output<typeof WalletTransferResponse>>;
  withdraw(
    amount: WalletAmount & { readonly address?: string | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof WalletTransferResponse>>;
  /**
   * Below which spendable balance the venue tells "wallet.low_balance", once until it has recovered; 0 is off.
   */
  setLowBalanceThreshold(
    threshold: Usdc,
    mark: WriteMark,
  ): Promise<z.output<typeof LowBalanceThresholdResponse>>;
  lowBalanceThreshold(mark?: ReadMark): Promise<z.output<typeof LowBalanceThresholdResponse>>;
}

export function walletGroup({ read, write, profile: { paths } }: Calls): WalletGroup {
  const answer = WalletTransferResponse;
  const lowBalance = { path: paths.lowBalanceThreshold, answer: LowBalanceThresholdResponse };
  return {
    balance: (mark) =>
      read({ operation: "balance", path: paths.balance, answer: BalanceResponse }, mark),
    async transactions({ limit = 50 } = {}, mark) {
      const path = `${paths.transactions}${query({ limit })}`;
      const call = { operation: "transactions", path, answer: TransactionsResponse };
      return (await read(call, mark)).transactions;
    },
    deposit: (amount, mark) => {
      const body = amountOf(amount);
      return write(
        { operation: "deposit", what: "deposit", path: paths.deposit, body, answer },
        mark,
      );
    },
    withdraw: ({ address, ...amount }, mark) => {
      const body = { ...amountOf(amount), address };
      return write(
        { operation: "withdraw", what: "withdraw", path: paths.withdraw, body, answer },
        mark,
      );
    },
    setLowBalanceThreshold: (threshold, mark) => {
      const what = "set the threshold of a low balance";
      const call = { operation: "set-low-balance-threshold", what, ...lowBalance };
      return write({ ...call, body: { threshold_usdc: formatUsdc(threshold) } }, mark);
    },
    lowBalanceThreshold: (mark) =>
      read({ operation: "low-balance-threshold", ...lowBalance }, mark),
  };
}

function amountOf({ asset, amount }: WalletAmount): Readonly<Record<string, unknown>> {
  return asset === "BTC" ? { asset, amount } : { amount: formatUsdc(amount) };
}
