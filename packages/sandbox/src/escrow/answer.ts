// An escrow in the words of the wire, and in those of the guides.

import { type EscrowResponse, toGuideNumber, toMicros } from "@holdfast/purpleflea/wire";
import type { z } from "zod";
import { type Escrow, isLive } from "./escrow.ts";
import { sharesOf } from "./fee.ts";

export type EscrowAnswer = z.input<typeof EscrowResponse>;

/** For one of its sides; while it is kept, fee and payment are those of a release. */
export function escrowAnswer(escrow: Escrow, agent: string): EscrowAnswer {
  const { amount, refunded, referrer, payee, condition, createdAt, deadline, changedAt } = escrow;
  const due = sharesOf(amount, referrer !== null);
  const { net, fee, referral } = isLive(escrow)
    ? due
    : { net: escrow.paid, fee: escrow.fee, referral: escrow.referral };
  return {
    escrow_id: escrow.id,
    status: escrow.status,
    ended_by: escrow.endedBy,
    payer: escrow.payer,
    counterparty: payee,
    to: payee,
    simulated: escrow.simulated,
    referrer,
    condition,
    description: condition,
    amount_micros: toMicros(amount),
    amount_usdc: toGuideNumber(amount),
    fee_micros: toMicros(fee),
    fee_usdc: toGuideNumber(fee),
    referral_micros: toMicros(referral),
    referral_usdc: toGuideNumber(referral),
    net_micros: toMicros(net),
    net_usdc: toGuideNumber(net),
    refunded_micros: toMicros(refunded),
    refunded_usdc: toGuideNumber(refunded),
    reason: escrow.reason,
    tx_hash: escrow.txHash,
    job_id: escrow.job,
    deadline: new Date(deadline).toISOString(),
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(changedAt).toISOString(),
    // The payer's own business.
    ref: agent === escrow.payer ? escrow.ref : null,
  };
}
