// The reads of the venue. Those that show positions look for liquidations first and remember a new peak, so
// they are transactions, too.

import type { Executor } from "./command/executor.ts";
import type { Store } from "./store/store.ts";
import type { PositionAnswer } from "./trade/answer.ts";
import { type PortfolioAnswer, portfolio, positions } from "./trade/portfolio.ts";
import {
  type BalanceAnswer,
  type TransactionAnswer,
  balance,
  transactions,
} from "./wallet/wallet.ts";

export type { PortfolioAnswer } from "./trade/portfolio.ts";
export type { PositionAnswer } from "./trade/answer.ts";

export interface Reads {
  balance(agent: string): BalanceAnswer;
  transactions(agent: string, limit: number): readonly TransactionAnswer[];
  positions(agent: string): readonly PositionAnswer[];
  portfolio(agent: string): PortfolioAnswer;
}

export function createReads({ look }: Pick<Executor, "look">, store: Store): Reads {
  return {
    balance: (agent) => look(agent, () => balance(agent, store)),
    transactions: (agent, limit) => look(agent, () => transactions(agent, limit, store)),
    positions: (agent) => look(agent, positions),
    portfolio: (agent) => look(agent, portfolio),
  };
}
