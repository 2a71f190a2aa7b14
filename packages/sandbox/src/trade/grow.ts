// Puts a fill into a position, a new one or one that its order opened before: margin and fee leave the account
// that pays in one step with it.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import { VENUE, marginAccount } from "../ledger/ledger.ts";
import type { Pair } from "../market/pair.ts";
import type { Fill } from "./book.ts";
import { averageEntry, liquidationPrice } from "./perpetual.ts";
import type { Position, Side } from "./position.ts";
import { fundingDue, riskOf, termsOf } from "./risk.ts";

export interface Purchase {
  readonly pair: Pair;
  readonly side: Side;
  readonly leverage: number;
  readonly fill: Fill;
  readonly margin: Usdc;
  readonly fee: Usdc;
  /** The account that pays margin and fee. */
  readonly payer: string;
}

/** Returns the position as it then is. */
export function grow(
  existing: Position | undefined,
  purchase: Purchase,
  context: Context,
): Position {
  const { pair, payer, margin, fee } = purchase;
  const { store, ledger, agent, at, command, funding } = context;
  const index = funding.keep(pair, at);
  const due = existing === undefined ? micros(0n) : fundingDue(existing, index);
  const position = filledUp(existing, purchase, { index, due }, context);
  const risk = riskOf(position, termsOf(pair, context));
  if (existing === undefined) store.positions.insert(position, risk);
  else store.positions.update(position, risk);
  const common = { agent, subject: position.id, at, command, debit: payer };
  const own = marginAccount(position.id);
  const paid = {
    ...common,
    kind: "funding",
    debit: own,
    credit: VENUE.funding,
    amount: due,
  } as const;
  const got = { ...paid, debit: VENUE.funding, credit: own, amount: micros(-due) } as const;
  ledger.post([
    due < 0n ? got : paid,
    { ...common, credit: own, amount: margin, kind: "margin" },
    { ...common, credit: VENUE.fees, amount: fee, kind: "fee" },
  ]);
  return position;
}

function filledUp(
  existing: Position | undefined,
  { pair, side, leverage, fill, margin }: Purchase,
  settled: { readonly index: bigint; readonly due: Usdc },
  context: Context,
): Position {
  const { quantity, price } = fill;
  const before = { quantity: existing?.quantity ?? 0n, price: existing?.entryPrice ?? price };
  const exposure = {
    side,
    quantity: before.quantity + quantity,
    entryPrice: averageEntry(side, before, fill),
    margin: micros((existing?.margin ?? 0n) - settled.due + margin),
  };
  return {
    id: existing?.id ?? context.identities.id("pos", context.command),
    agent: context.agent,
    symbol: pair.symbol,
    ...exposure,
    liquidationPrice: liquidationPrice(exposure, termsOf(pair, context)),
    fundingIndex: settled.index,
    leverage,
    openedAt: existing?.openedAt ?? context.at,
    ref: existing?.ref ?? context.ref ?? null,
  };
}
