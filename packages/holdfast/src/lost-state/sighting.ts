// Whether an account that a new journal is to act for has acted before: then its journal is lost, or lies elsewhere.
// Judged by what the venue itself tells of it. Pure.

import { type Usdc, formatUsdc } from "@holdfast/core";

/** What a venue tells of one account; undefined what it has no question for, or does not answer to this key. */
export interface Told {
  readonly positions?: readonly {
    readonly position_id: string;
    readonly symbol: string;
    readonly side: string;
    readonly size_micros: Usdc;
    readonly opened_at?: string | undefined;
    readonly ref?: string | null | undefined;
  }[];
  /** Open ones. */
  readonly orders?: readonly {
    readonly order_id: string;
    readonly symbol: string;
    readonly side: string;
    readonly type: string;
    readonly created_at: string;
    readonly ref?: string | null | undefined;
  }[];
  readonly escrows?: readonly {
    readonly escrow_id: string;
    readonly status: string;
    readonly amount_micros: Usdc;
    readonly created_at: string;
    readonly ref?: string | null | undefined;
  }[];
  /** Newest first. */
  readonly transactions?: readonly {
    readonly id: string;
    readonly date: string;
    readonly kind: string;
    readonly subject?: string | undefined;
    readonly amount_micros: Usdc;
    readonly ref: string | null;
  }[];
  /** Newest first; where the venue keeps records instead of transactions. */
  readonly trades?: readonly {
    readonly id: string;
    readonly symbol: string;
    readonly side: string;
    readonly sizeMicros: string;
    readonly at: number;
  }[];
}

/** One thing that the venue knows, in words. */
export interface Thing {
  readonly id: string;
  readonly what: string;
  /** ISO 8601, where the venue says it. */
  readonly at: string | undefined;
  /** The business name that whoever did it gave: an agent of Holdfast always gives one. */
  readonly ref: string | undefined;
}

export interface Sighting {
  readonly account: string;
  readonly agentId: string | undefined;
  /** Positions, orders and escrows that are open now. */
  readonly open: readonly Thing[];
  /** What it did last, newest first, at most RECENT_MAX. */
  readonly recent: readonly Thing[];
  /** What could not be asked. */
  readonly unasked: readonly string[];
}

export const RECENT_MAX = 20;

/** Money that came in is no deed: a new account has it, too. */
const FUNDING: ReadonlySet<string> = new Set(["grant", "faucet", "deposit"]);
/** Escrows that nothing is kept in any more. */
const ENDED: ReadonlySet<string> = new Set(["released", "refunded", "split"]);

/** Undefined for an account that has done nothing yet. */
export function sightingOf(
  { account, agentId }: Pick<Sighting, "account" | "agentId">,
  told: Told,
): Sighting | undefined {
  const open = [...positionsOf(told), ...ordersOf(told), ...escrowsOf(told)];
  const recent = [...effectsOf(told), ...tradesOf(told)].slice(0, RECENT_MAX);
  if (open.length === 0 && recent.length === 0) return undefined;
  const unasked = (["positions", "orders", "escrows", "transactions"] as const).filter(
    (name) => told[name] === undefined && !(name === "transactions" && told.trades !== undefined),
  );
  return { account, agentId, open, recent, unasked };
}

/** True where the venue told nothing by which an account could be judged. */
export function isSilent({ positions, transactions, trades }: Told): boolean {
  return positions === undefined && transactions === undefined && trades === undefined;
}

function positionsOf({ positions = [] }: Told): readonly Thing[] {
  return positions.map(
    ({ position_id: id, symbol, side, size_micros: size, opened_at: at, ref }) => {
      const what = `position ${symbol} ${side}, ${formatUsdc(size)} USDC`;
      return { id, what, at, ref: ref ?? undefined };
    },
  );
}

function ordersOf({ orders = [] }: Told): readonly Thing[] {
  return orders.map(({ order_id: id, symbol, side, type, created_at: at, ref }) => {
    return { id, what: `${type} order ${symbol} ${side}`, at, ref: ref ?? undefined };
  });
}

function escrowsOf({ escrows = [] }: Told): readonly Thing[] {
  return escrows
    .filter(({ status }) => !ENDED.has(status))
    .map(({ escrow_id: id, status, amount_micros: amount, created_at: at, ref }) => {
      const what = `escrow of ${formatUsdc(amount)} USDC (${status})`;
      return { id, what, at, ref: ref ?? undefined };
    });
}

function effectsOf({ transactions = [] }: Told): readonly Thing[] {
  return transactions
    .filter(({ kind }) => !FUNDING.has(kind))
    .map(({ id, date: at, kind, subject, amount_micros: amount, ref }) => {
      const of = subject === undefined ? "" : ` of ${subject}`;
      return { id, what: `${kind} ${formatUsdc(amount)} USDC${of}`, at, ref: ref ?? undefined };
    });
}

function tradesOf({ trades = [] }: Told): readonly Thing[] {
  return trades.map(({ id, symbol, side, sizeMicros, at }) => {
    const what = `trade ${symbol} ${side}, ${formatUsdc(BigInt(sizeMicros) as Usdc)} USDC`;
    return { id, what, at: new Date(at).toISOString(), ref: undefined };
  });
}
