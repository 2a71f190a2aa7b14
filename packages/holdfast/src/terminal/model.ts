// What the live view shows, gathered through the venue's client and the Engine port: nothing of the engine's
// inside.

import type { RunSummary, Usdc } from "@holdfast/core";
import type { Host } from "../host/host.ts";

export interface Model {
  readonly now: number;
  readonly prices: readonly { readonly symbol: string; readonly price: Usdc }[];
  readonly accounts: readonly AccountModel[];
  readonly runs: readonly RunSummary[];
  /** Undefined at a venue elsewhere, which has no audit. */
  readonly audit:
    | { readonly effects: number; readonly refs: number; readonly duplicateEffects: number }
    | undefined;
  readonly problem: string | undefined;
}

export interface AccountModel {
  readonly account: string;
  readonly equity: Usdc;
  readonly unrealised: Usdc;
  readonly drawdown: number;
  readonly positions: readonly {
    readonly symbol: string;
    readonly side: string;
    readonly size: Usdc;
    readonly unrealised: Usdc;
    readonly openedAt: string;
    readonly id: string;
  }[];
  readonly trades: readonly Trade[];
}

export interface Trade {
  readonly id: string;
  readonly date: string;
  readonly kind: string;
  readonly amount: Usdc;
  readonly ref: string | null;
}

/** Positions and trades shown at most, newest first. */
const SHOWN_MAX = 50;
const TRADES: ReadonlySet<string> = new Set([
  "grant",
  "faucet",
  "margin",
  "margin-return",
  "liquidation",
]);

export async function gather(host: Host, now: number): Promise<Model> {
  const { runs } = await host.engine.list({ limit: 20 });
  const venue = host.client(host.accounts[0] ?? "default");
  try {
    const prices = await venue.market.prices();
    const accounts = await Promise.all(
      host.accounts.map((account) => gatherAccount(host, account)),
    );
    const audit = host.venue.sandbox?.venue.audit();
    return {
      now,
      prices: prices.map(({ symbol, price_micros }) => ({ symbol, price: price_micros })),
      accounts: accounts.filter((found) => found !== undefined),
      runs,
      audit,
      problem: host.engine.health?.message,
    };
  } catch (error) {
    return {
      now,
      prices: [],
      accounts: [],
      runs,
      audit: undefined,
      problem: error instanceof Error ? error.message : String(error),
    };
  }
}

async function gatherAccount(host: Host, account: string): Promise<AccountModel | undefined> {
  const client = host.client(account);
  try {
    const [portfolio, transactions] = await Promise.all([
      client.portfolio(),
      client.wallet.transactions({ limit: SHOWN_MAX }),
    ]);
    return {
      account,
      equity: portfolio.equity_micros,
      unrealised: portfolio.unrealised_pnl_micros,
      drawdown: portfolio.drawdown_fraction,
      positions: portfolio.positions.map((position) => ({
        id: position.position_id,
        symbol: position.symbol,
        side: position.side,
        size: position.size_micros,
        unrealised: position.unrealised_pnl_micros,
        openedAt: position.opened_at,
      })),
      trades: transactions
        .filter(({ kind }) => TRADES.has(kind))
        .map(({ id, date, kind, amount_micros, ref }) => ({
          id,
          date,
          kind,
          amount: amount_micros,
          ref,
        })),
    };
  } catch {
    // An account that is not yet open has nothing to show.
    return undefined;
  }
}
