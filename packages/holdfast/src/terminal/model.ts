// What the live view shows, gathered through the venue's client, its audit and the Engine port: nothing of the
// engine's inside. Never changes anything.

import { type RunSummary, type Usdc, hasCode } from "@holdfast/core";
import type { Host } from "../host/host.ts";
import { type AuditFigures, readAudit } from "./audit.ts";

export interface Model {
  readonly now: number;
  readonly prices: readonly { readonly symbol: string; readonly price: Usdc }[];
  readonly accounts: readonly AccountModel[];
  readonly runs: readonly RunSummary[];
  /** Undefined at a venue elsewhere, which has no audit. */
  readonly audit: AuditFigures | undefined;
  /** Why something is missing here. */
  readonly problem: string | undefined;
}

export interface AccountModel {
  readonly account: string;
  readonly equity: Usdc;
  readonly unrealised: Usdc;
  /** Fraction of the peak. */
  readonly drawdown: number;
  readonly positions: readonly PositionModel[];
  /** Newest first. */
  readonly trades: readonly Trade[];
}

export interface PositionModel {
  readonly symbol: string;
  readonly side: string;
  readonly size: Usdc;
  readonly unrealised: Usdc;
}

export interface Trade {
  readonly id: string;
  /** ISO 8601. */
  readonly date: string;
  readonly kind: string;
  readonly amount: Usdc;
  readonly ref: string | null;
}

/** Runs and trades looked at, at most. */
const RUNS_MAX = 20;
const TRADES_MAX = 50;
const TRADES: ReadonlySet<string> = new Set([
  "grant",
  "faucet",
  "margin",
  "margin-return",
  "liquidation",
  "deposit",
  "withdrawal",
]);

/** The host as it is now; what cannot be read is left out, and `problem` says why. */
export async function gather(host: Host): Promise<Model> {
  const { engine, venue, accounts, clock } = host;
  const problems: string[] = [];
  const attempt = async <Value>(read: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await read();
    } catch (error) {
      // An account that is not yet open has nothing to show.
      if (!hasCode(error, "HF-API-KEY-MISSING")) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    }
  };
  const [page, prices, found, audit] = await Promise.all([
    attempt(() => engine.list({ limit: RUNS_MAX })),
    attempt(() => venue.reader.market.prices()),
    Promise.all(accounts.names.map((account) => attempt(() => gatherAccount(host, account)))),
    readAudit(venue.auditUrl),
  ]);
  return {
    now: clock.now(),
    prices: (prices ?? []).map(({ symbol, price_micros: price }) => ({ symbol, price })),
    accounts: found.filter((account) => account !== undefined),
    runs: page?.runs ?? [],
    audit,
    problem: problems[0],
  };
}

async function gatherAccount({ accounts }: Host, account: string): Promise<AccountModel> {
  const client = accounts.client(account);
  const [portfolio, transactions] = await Promise.all([
    client.portfolio(),
    client.wallet.transactions({ limit: TRADES_MAX }),
  ]);
  return {
    account,
    equity: portfolio.equity_micros,
    unrealised: portfolio.unrealised_pnl_micros,
    drawdown: portfolio.drawdown_fraction,
    positions: portfolio.positions.map((position) => ({
      symbol: position.symbol,
      side: position.side,
      size: position.size_micros,
      unrealised: position.unrealised_pnl_micros,
    })),
    trades: transactions
      .filter(({ kind }) => TRADES.has(kind))
      .map(({ id, date, kind, amount_micros: amount, ref }) => ({ id, date, kind, amount, ref })),
  };
}
