// The reads of the venue. Each carries out what has fallen due first, and the portfolio remembers a new peak, so
// they are transactions, too.

import { type Usdc, micros } from "@holdfast/core";
import type { Executor } from "./command/executor.ts";
import type { Market } from "./market/market.ts";
import type { Store } from "./store/store.ts";
import type { PositionAnswer } from "./trade/answer.ts";
import { type OrderAnswer, orderAnswer } from "./trade/order-answer.ts";
import type { OrderStatus } from "./trade/order.ts";
import { type PortfolioAnswer, portfolio, positions } from "./trade/portfolio.ts";
import {
  type BalanceAnswer,
  type TransactionAnswer,
  balance,
  transactions,
} from "./wallet/wallet.ts";

export interface Reads {
  balance(agent: string): BalanceAnswer;
  /** Newest first. */
  transactions(agent: string, limit: number): readonly TransactionAnswer[];
  positions(agent: string): readonly PositionAnswer[];
  portfolio(agent: string): PortfolioAnswer;
  /** Newest first; of one status where it is named. */
  orders(agent: string, limit: number, status?: OrderStatus): readonly OrderAnswer[];
  /** An agent's own order. */
  order(agent: string, id: string): OrderAnswer | undefined;
}

export function createReads({ look }: Pick<Executor, "look">, store: Store): Reads {
  return {
    balance: (agent) =>
      look(agent, ({ market, at }) => balance(agent, store, bitcoinAt(market, at))),
    transactions: (agent, limit) => look(agent, () => transactions(agent, limit, store)),
    positions: (agent) => look(agent, positions),
    portfolio: (agent) => look(agent, portfolio),
    orders: (agent, limit, status) =>
      look(agent, () => store.orders.list(agent, limit, status).map(orderAnswer)),
    order: (agent, id) =>
      look(agent, () => {
        const order = store.orders.get(id);
        return order?.agent === agent ? orderAnswer(order) : undefined;
      }),
  };
}

/** What a BTC is worth; nothing at a venue without its pair. */
function bitcoinAt(market: Market, at: number): Usdc {
  const pair = market.pair("BTC-PERP");
  return pair === undefined ? micros(0n) : market.quote(pair, at).oracle;
}
