// Takes a quantity off a position at a price, in linked transfers: funding, then profit or loss, then its share
// of the margin back, less the fee. No part loses more than its margin: what is missing the insurance covers.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import { type Transfer, VENUE, agentAccount, marginAccount } from "../ledger/ledger.ts";
import type { Pair } from "../market/pair.ts";
import type { Fill } from "./book.ts";
import { feeFor, liquidationPrice, notional, profitAt, smaller } from "./perpetual.ts";
import type { ClosedBy, Position } from "./position.ts";
import { fundingDue, riskOf, termsOf } from "./risk.ts";

export interface Settlement {
  /** At most what is left of the position. */
  readonly fill: Fill;
  readonly by: ClosedBy;
  readonly feePpm: bigint;
  /** The insurance takes over what is left of the margin, and no fee is charged. */
  readonly isBackstop?: boolean;
}

export interface Settled {
  readonly realised: Usdc;
  readonly fee: Usdc;
  readonly value: Usdc;
  /** Funding paid with it; negative where it was received. */
  readonly funding: Usdc;
  /** Loss beyond the margin that the insurance did not hold. */
  readonly uncovered: Usdc;
}

const NOTHING = micros(0n);

export function settle(
  position: Position,
  pair: Pair,
  settlement: Settlement,
  context: Context,
): Settled {
  const { fill, by, feePpm, isBackstop = false } = settlement;
  const { store, ledger, at } = context;
  const { quantity, price } = fill;
  const index = context.funding.keep(pair, at);
  const funding = fundingDue(position, index);
  const margin = micros(position.margin - funding);
  const isWhole = quantity === position.quantity;
  const part = isWhole ? margin : micros((margin * quantity) / position.quantity);
  const profit = profitAt({ ...position, quantity }, price);
  const gain = profit > 0n ? profit : NOTHING;
  const loss = profit < 0n ? smaller(micros(-profit), part) : NOTHING;
  const rest = micros(part - loss);
  const value = notional(quantity, price);
  // A position that has lost everything pays what is left of the fee.
  const fee = isBackstop ? NOTHING : smaller(feeFor(value, feePpm), micros(rest + gain));
  const missing = profit < 0n ? micros(-profit - loss) : NOTHING;
  const seized = isBackstop ? rest : NOTHING;
  const legs = { funding, loss, gain, seized, returned: micros(rest - seized), fee };
  ledger.post(transfers(position, by, legs, context));
  const cover = smaller(missing, ledger.balance(VENUE.insurance));
  ledger.post([covering(position, cover, context)]);
  const realised = micros(gain - loss);
  store.positions.realise(position.id, realised);
  const left = {
    ...position,
    quantity: position.quantity - quantity,
    margin: micros(margin - part),
  };
  if (isWhole) store.positions.close(position.id, { at, by, exitPrice: price });
  else keep({ ...left, fundingIndex: index }, pair, context);
  return { realised, fee, value, funding, uncovered: micros(missing - cover) };
}

function keep(position: Position, pair: Pair, context: Context): void {
  const terms = termsOf(pair, context);
  const moved = { ...position, liquidationPrice: liquidationPrice(position, terms) };
  context.store.positions.update(moved, riskOf(moved, terms));
}

interface Legs {
  readonly funding: Usdc;
  readonly loss: Usdc;
  readonly gain: Usdc;
  readonly seized: Usdc;
  readonly returned: Usdc;
  readonly fee: Usdc;
}

function transfers(
  { id, agent }: Position,
  by: ClosedBy,
  { funding, loss, gain, seized, returned, fee }: Legs,
  { at, command }: Context,
): readonly Transfer[] {
  const margin = marginAccount(id);
  const own = agentAccount(agent);
  const common = { agent, subject: id, at, command };
  const lost = by === "liquidation" ? "liquidation" : "loss";
  const got = micros(-funding);
  return [
    funding < 0n
      ? { ...common, debit: VENUE.funding, credit: margin, amount: got, kind: "funding" }
      : { ...common, debit: margin, credit: VENUE.funding, amount: funding, kind: "funding" },
    { ...common, debit: margin, credit: VENUE.clearing, amount: loss, kind: lost },
    { ...common, debit: VENUE.clearing, credit: own, amount: gain, kind: "profit" },
    { ...common, debit: margin, credit: VENUE.insurance, amount: seized, kind: "insurance" },
    { ...common, debit: margin, credit: own, amount: returned, kind: "margin-return" },
    { ...common, debit: own, credit: VENUE.fees, amount: fee, kind: "fee" },
  ];
}

function covering({ id, agent }: Position, amount: Usdc, { at, command }: Context): Transfer {
  const common = { agent, subject: id, at, command, amount };
  const { insurance, clearing } = VENUE;
  return { ...common, debit: insurance, credit: clearing, kind: "insurance-cover" };
}

/** Orders that could reduce this position only end with it. Returns their ids. */
export function endOrdersOf(position: string, { store, at }: Context): readonly string[] {
  const orders = store.orders.ofPosition(position);
  for (const order of orders) {
    const ended = { status: "cancelled", reason: "position_closed", changedAt: at } as const;
    store.orders.update({ ...order, ...ended });
  }
  return orders.map(({ id }) => id);
}
