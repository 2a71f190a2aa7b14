// Ends an escrow: one linked set of transfers empties its account, to the payee less the fee, to the referrer,
// to the venue, and back to the payer.

import { type Usdc, micros } from "@holdfast/core";
import type { Context } from "../command/context.ts";
import {
  type Transfer,
  VENUE,
  agentAccount,
  counterpartAccount,
  escrowAccount,
  transactionHash,
} from "../ledger/ledger.ts";
import { endJob } from "../job/follow.ts";
import type { EndedBy, Escrow, EscrowStatus } from "./escrow.ts";
import { sharesOf } from "./fee.ts";
import { type Change, tellSides } from "./told.ts";

/**
 * Pays so much of the amount, and gives the rest back. The fee is taken of what is paid. A job that is not done
 * ends where its money went back.
 */
export function end(escrow: Escrow, payment: Usdc, endedBy: EndedBy, context: Context): Change {
  const { store, ledger, at } = context;
  const { id, payer, amount, referrer } = escrow;
  const { net, fee, referral, house } = sharesOf(payment, referrer !== null);
  const refunded = micros(amount - payment);
  const transfers = ledger.post(transfersOf(escrow, { net, house, referral, refunded }, context));
  const { agents, timers } = store;
  if (!escrow.simulated) agents.movePeak(escrow.payee, net);
  if (referrer !== null) agents.movePeak(referrer, referral);
  agents.movePeak(payer, refunded);
  timers.clear("escrow-deadline", id);
  timers.clear("escrow-arbiter", id);
  const status: EscrowStatus = refunded === 0n ? "released" : payment === 0n ? "refunded" : "split";
  const ended: Escrow = {
    ...escrow,
    status,
    endedBy,
    paid: net,
    fee,
    referral,
    refunded,
    txHash: transactionHash(payer, transfers),
    changedAt: at,
  };
  store.escrows.update(ended);
  // Who waits for a release or a refund hears of both where the arbiter divided it.
  const types = status === "split" ? ["escrow.released", "escrow.refunded"] : [`escrow.${status}`];
  const told = types.flatMap((type) => tellSides(type, ended));
  return { escrow: ended, told: [...told, ...endJob(ended, context)] };
}

interface Parts {
  readonly net: Usdc;
  readonly house: Usdc;
  readonly referral: Usdc;
  readonly refunded: Usdc;
}

function transfersOf(escrow: Escrow, parts: Parts, context: Context): readonly Transfer[] {
  const { id, payer, payee, simulated, referrer } = escrow;
  const { at, command } = context;
  const common = { debit: escrowAccount(id), subject: id, at, command };
  const paid = simulated
    ? { credit: counterpartAccount(payee), agent: payer }
    : { credit: agentAccount(payee), agent: payee };
  const referred = referrer ?? payer;
  return [
    { ...common, ...paid, amount: parts.net, kind: "escrow-payment" },
    { ...common, credit: VENUE.fees, agent: payer, amount: parts.house, kind: "escrow-fee" },
    {
      ...common,
      credit: agentAccount(referred),
      agent: referred,
      amount: parts.referral,
      kind: "escrow-referral",
    },
    {
      ...common,
      credit: agentAccount(payer),
      agent: payer,
      amount: parts.refunded,
      kind: "escrow-refund",
    },
  ];
}
