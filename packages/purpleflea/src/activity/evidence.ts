// What a write did at a venue that honours no keys, from the account's records before it and after it. Pure: it
// proves, or it says why it cannot. The engine sees to it that no other write of ours was on its way between.

import type { PositionRecord, Records, TradeRecord } from "../profile/dialect.ts";

/** What is kept on disk before a write is sent: enough to see what is new afterwards. */
export interface Baseline {
  /** Ids of the positions and fills that were listed. */
  readonly positions: readonly string[];
  readonly trades: readonly string[];
  /** By symbol, what was held. */
  readonly exposure: Readonly<Record<string, string>>;
}

export function baselineOf({ positions, trades, exposure }: Records): Baseline {
  return {
    positions: positions.map(({ id }) => id),
    trades: trades.map(({ id }) => id),
    exposure,
  };
}

/** An order as it was sent, in micro-USDC. */
export interface Ordered {
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly size: bigint;
  readonly leverage: number;
  /** Of the first send, in milliseconds since the epoch. */
  readonly sentAt: number;
}

/** A position that an order has opened, and what it cost. */
export interface Opened {
  readonly position: PositionRecord;
  readonly fee: string;
}

/** A position that is closed, and the fill that did it. */
export interface Ended {
  readonly position: PositionRecord;
  readonly fill: TradeRecord;
}

export type Proof<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "not-done" }
  | { readonly kind: "unclear"; readonly reason: string };

/** A fill may be so many hundredths smaller or larger than its order: lots are whole, prices move. */
const SIZE_TOLERANCE_PERCENT = 10n;
/** The venue's clock may be off by so much, in milliseconds. */
export const SKEW_MS = 120_000;

const unclear = (reason: string): { readonly kind: "unclear"; readonly reason: string } => ({
  kind: "unclear",
  reason,
});

/**
 * What became of an order: done where one new position fits it and no other comes near; not done where nothing of
 * its pair is new and what is held is unchanged.
 */
export function openedBy(order: Ordered, before: Baseline, after: Records): Proof<Opened> {
  const fresh = newOf(after.positions, before.positions, after.limits.positions);
  const fills = newOf(after.trades, before.trades, after.limits.trades);
  if (fresh === undefined || fills === undefined) {
    return unclear("the venue lists too few records to tell what is new");
  }
  const mine = fresh.filter(({ symbol, side }) => symbol === order.symbol && side === order.side);
  const near = mine.filter(({ sizeMicros }) => BigInt(sizeMicros) <= most(order.size));
  const [found] = near;
  if (found !== undefined) {
    if (near.length > 1) return unclear(`${near.length} new positions may be this order's`);
    const misfit = misfitOf(found, order);
    if (misfit !== undefined) return unclear(misfit);
    const [fill, second] = fills.filter((one) => isOpeningOf(one, found));
    if (fill === undefined || second !== undefined) {
      return unclear(`position ${found.id} is new, but no single new fill says what it cost`);
    }
    return { kind: "done", value: { position: found, fee: fill.feeMicros } };
  }
  if (fills.some(({ symbol }) => symbol === order.symbol)) {
    return unclear(`there are new fills of ${order.symbol}, and no position that fits`);
  }
  return isHeldAlike(order.symbol, before, after)
    ? { kind: "not-done" }
    : unclear(`what is held of ${order.symbol} has changed, and no record says why`);
}

function isOpeningOf({ symbol, side, sizeMicros }: TradeRecord, position: PositionRecord): boolean {
  const isSame = symbol === position.symbol && sizeMicros === position.sizeMicros;
  return isSame && side === (position.side === "long" ? "buy" : "sell");
}

function most(size: bigint): bigint {
  return (size * (100n + SIZE_TOLERANCE_PERCENT)) / 100n;
}

/** Why a new position is not the order's; undefined where it is. */
function misfitOf(found: PositionRecord, order: Ordered): string | undefined {
  const least = (order.size * (100n - SIZE_TOLERANCE_PERCENT)) / 100n;
  const named = `the new position ${found.id} is`;
  if (BigInt(found.sizeMicros) < least) return `${named} much smaller than the order`;
  // The venue may lower a leverage, and never raises it.
  if (found.leverage > order.leverage) return `${named} of another leverage`;
  if (found.openedAt < order.sentAt - SKEW_MS) return `${named} older than the order`;
  return undefined;
}

/** What became of a closing: the record says whether, a new fill says how. */
export function closedBy(id: string, before: Baseline, after: Records): Proof<Ended> {
  const position = after.positions.find((one) => one.id === id);
  if (position === undefined) return unclear(`the venue lists no record of position ${id}`);
  if (position.status === "liquidated") return { kind: "not-done" };
  if (position.status === "open") {
    return isHeldAlike(position.symbol, before, after)
      ? { kind: "not-done" }
      : unclear(`position ${id} is on record as open, but what is held has changed`);
  }
  const [fill, second] = fillsOf(position, before, after);
  if (fill === undefined || second !== undefined) {
    return unclear(`position ${id} is closed, but no single new fill says how`);
  }
  return { kind: "done", value: { position, fill } };
}

/** New fills that may have ended a position; none where what is new cannot be told. */
export function fillsOf(
  position: PositionRecord,
  before: Baseline,
  after: Records,
): readonly TradeRecord[] {
  const side = position.side === "long" ? "sell" : "buy";
  return (newOf(after.trades, before.trades, after.limits.trades) ?? []).filter(
    (one) =>
      one.symbol === position.symbol &&
      one.side === side &&
      one.sizeMicros === position.sizeMicros &&
      one.realisedMicros === position.realisedMicros,
  );
}

/** What is new in a list of the newest; undefined where what is between may be missing. */
function newOf<Row extends { readonly id: string }>(
  listed: readonly Row[],
  before: readonly string[],
  limit: number,
): readonly Row[] | undefined {
  const known = new Set(before);
  const fresh = listed.filter(({ id }) => !known.has(id));
  // The list is whole, or reaches back to what was there before.
  return listed.length < limit || fresh.length < listed.length ? fresh : undefined;
}

function isHeldAlike(symbol: string, before: Baseline, after: Records): boolean {
  const held = ({ exposure }: Pick<Baseline, "exposure">): string =>
    `${exposure["source"] ?? ""}: ${exposure[symbol] ?? "nothing"}`;
  return held(before) === held(after);
}
