// Paths of wallets: balance, transactions, paper money in and out.

import {
  BalanceResponse,
  DepositRequest,
  LowBalanceThresholdRequest,
  TransactionsResponse,
  WalletTransferResponse,
  WithdrawRequest,
} from "@holdfast/purpleflea/wire";
import { z } from "zod";
import type { Json } from "../../command/command.ts";
import { lowBalance } from "../../wallet/low-balance.ts";
import { LimitQuery, limitOf } from "../query.ts";
import { type ReadOptions, type Route, type WriteOptions, read, write } from "../route.ts";

const deposit: WriteOptions<typeof DepositRequest> = {
  schema: DepositRequest,
  command: ({ asset = "USDC", amount }) => ({ operation: "deposit", asset, amount }),
  response: WalletTransferResponse,
};

const withdraw: WriteOptions<typeof WithdrawRequest> = {
  schema: WithdrawRequest,
  command: ({ asset = "USDC", amount, address }) => {
    return { operation: "withdraw", asset, amount, address };
  },
  response: WalletTransferResponse,
};

const threshold: WriteOptions<typeof LowBalanceThresholdRequest> = {
  schema: LowBalanceThresholdRequest,
  command: ({ threshold_usdc: amount }) => {
    return { operation: "set-low-balance-threshold", threshold: amount };
  },
};

const balance: ReadOptions = {
  answer: ({ venue, agent }) => ({ ...venue.balance(agent) }),
  render: oneChain,
  query: z.object({ chain: z.string().optional() }),
  response: BalanceResponse,
};

export const walletRoutes: readonly Route[] = [
  write("main", "/api/wallet/deposit", "deposit", deposit),
  write("main", "/api/wallet/withdraw", "withdraw", withdraw),
  write("main", "/api/wallet/low-balance-threshold", "set-low-balance-threshold", threshold),
  read("main", "/api/wallet/low-balance-threshold", "low-balance-threshold", {
    answer: ({ venue, agent }) => ({ ...venue.look(agent, lowBalance) }),
  }),
  read("main", "/api/wallet/balance", "balance", balance),
  read("main", "/api/v1/wallet/balance", "balance", balance),
  read("main", "/api/wallet/transactions", "transactions", {
    answer: ({ venue, agent, url }) => ({ transactions: venue.transactions(agent, limitOf(url)) }),
    query: LimitQuery,
    response: TransactionsResponse,
  }),
];

/** `?chain=bitcoin` keeps one chain's balance; without it, or with `all`, all are shown. */
function oneChain(body: Json, url: URL): Json {
  const chain = url.searchParams.get("chain");
  const { balances } = body;
  if (chain === null || chain === "all" || !Array.isArray(balances)) return body;
  const isChain = (one: { readonly chain: string }): boolean => one.chain === chain;
  return { ...body, balances: balances.filter(isChain) };
}
