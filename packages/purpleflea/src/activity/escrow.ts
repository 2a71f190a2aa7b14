// Activities around escrows. Each is money: locked, paid, or given back once for one decision. The guides give an
// attempt 45 s.

import { type Activity, type ActivityContext, activity, micros } from "@holdfast/core";
import { z } from "zod";
import { EscrowState, InsufficientFunds } from "../client/failure.ts";
import { money } from "../money.ts";
import { purpleFlea } from "../resource.ts";
import { EscrowResponse } from "../wire/index.ts";
import { byKeyOrState } from "./reconcile-state.ts";
import { byKey } from "./reconcile.ts";

const NewEscrow = z.object({
  /** Who is to be paid: an agent of the venue, or somebody by name. */
  to: z.string().min(1).max(200),
  amountUsd: money(),
  condition: z.string().max(4_000).optional(),
  /** Gets 15 % of the fee. */
  referrer: z.string().min(1).max(200).optional(),
  /** Hours until what is still locked goes back; 72 where absent. Not together with `deadline`. */
  timeoutHours: z.number().int().min(1).max(720).optional(),
  /** The same as an instant, in milliseconds since the epoch. */
  deadline: z.number().int().min(0).optional(),
});

/** How an escrow stands. */
export const EscrowReceipt = z.object({
  escrowId: z.string(),
  /** locked, completed, disputed; released, refunded, split. */
  status: z.string(),
  /** release, refund, expiry, resolve, cancel; null while it is kept. */
  endedBy: z.string().nullable(),
  amount: money(),
  /** While it is kept: what a release would cost and pay. */
  fee: money(),
  referral: money(),
  net: money(),
  refunded: money(),
  transaction: z.string(),
  /** Milliseconds since the epoch. */
  deadline: z.number(),
  jobId: z.string().nullable(),
});

type Receipt = z.output<typeof EscrowReceipt>;
type Answer = z.output<typeof EscrowResponse>;

export function escrowReceipt(answer: Answer): z.input<typeof EscrowReceipt> {
  return {
    escrowId: answer.escrow_id,
    status: answer.status,
    endedBy: answer.ended_by ?? null,
    amount: answer.amount_micros,
    fee: answer.fee_micros,
    referral: answer.referral_micros,
    net: answer.net_micros,
    refunded: answer.refunded_micros,
    transaction: answer.tx_hash,
    deadline: Date.parse(answer.deadline),
    jobId: answer.job_id ?? null,
  };
}

const common = {
  output: EscrowReceipt,
  uses: { venue: purpleFlea },
  queue: "escrow",
} as const;

/** Locks money for somebody. `total` (default 5 min) says how late it may still be locked. */
export const createEscrow: Activity<
  z.input<typeof NewEscrow>,
  Receipt,
  typeof InsufficientFunds
> = activity({
  name: "purpleflea.createEscrow",
  input: NewEscrow,
  ...common,
  effect: "money",
  timeouts: { total: "5m", attempt: "45s" },
  failures: [InsufficientFunds],
  guard: ({ to, amountUsd: amount }) => ({
    operation: "escrow.create",
    kind: "open",
    amount,
    counterparty: to,
  }),
  observe: ({ amount }) => [{ kind: "flow", amount: micros(-amount) }],
  run: async ({ amountUsd: amount, ...escrow }, a) =>
    escrowReceipt(await a.use(purpleFlea).escrow.create({ ...escrow, amount })),
  reconcile: (_input, a) => byKey(a, EscrowResponse, escrowReceipt),
});

const One = z.object({ escrowId: z.string().min(1).max(100) });

/** What of an escrow's state tells that an action has been done. */
function reconciled(escrowId: string, a: ActivityContext, isDone: (answer: Answer) => boolean) {
  const read = (): Promise<Answer> => a.use(purpleFlea).escrow.get(escrowId);
  return byKeyOrState(a, { schema: EscrowResponse, receipt: escrowReceipt, read, isDone });
}

/** As the payer: pays, less the fee. Whatever is lost on the way, it pays once. */
export const releaseEscrow: Activity<z.input<typeof One>, Receipt, typeof EscrowState> = activity({
  name: "purpleflea.releaseEscrow",
  input: One,
  ...common,
  effect: "money",
  timeouts: { total: "22h", attempt: "45s" },
  failures: [EscrowState],
  // The money has left with the escrow's making.
  guard: () => ({ operation: "escrow.release", kind: "open", amount: micros(0) }),
  run: async ({ escrowId }, a) => escrowReceipt(await a.use(purpleFlea).escrow.release(escrowId)),
  reconcile: ({ escrowId }, a) => reconciled(escrowId, a, ({ status }) => status === "released"),
});

/** As the payee: says that the work is done. */
export const completeEscrow: Activity<z.input<typeof One>, Receipt, typeof EscrowState> = activity({
  name: "purpleflea.completeEscrow",
  input: One,
  ...common,
  effect: "money",
  timeouts: { total: "22h", attempt: "45s" },
  failures: [EscrowState],
  guard: () => ({ operation: "escrow.complete", kind: "reduce", amount: micros(0) }),
  run: async ({ escrowId }, a) => escrowReceipt(await a.use(purpleFlea).escrow.complete(escrowId)),
  reconcile: ({ escrowId }, a) => reconciled(escrowId, a, ({ status }) => status === "completed"),
});

const Dispute = One.extend({ reason: z.string().max(1_000).optional() });

/** As either side: leaves it to the arbiter. */
export const disputeEscrow: Activity<
  z.input<typeof Dispute>,
  Receipt,
  typeof EscrowState
> = activity({
  name: "purpleflea.disputeEscrow",
  input: Dispute,
  ...common,
  effect: "money",
  timeouts: { total: "22h", attempt: "45s" },
  failures: [EscrowState],
  guard: () => ({ operation: "escrow.dispute", kind: "reduce", amount: micros(0) }),
  run: async (dispute, a) => escrowReceipt(await a.use(purpleFlea).escrow.dispute(dispute)),
  reconcile: ({ escrowId }, a) => reconciled(escrowId, a, ({ status }) => status === "disputed"),
});

/** As the payee: gives everything back. */
export const refundEscrow: Activity<z.input<typeof One>, Receipt, typeof EscrowState> = activity({
  name: "purpleflea.refundEscrow",
  input: One,
  ...common,
  effect: "money",
  timeouts: { total: "22h", attempt: "45s" },
  failures: [EscrowState],
  guard: () => ({ operation: "escrow.refund", kind: "open", amount: micros(0) }),
  run: async ({ escrowId }, a) => escrowReceipt(await a.use(purpleFlea).escrow.refund(escrowId)),
  reconcile: ({ escrowId }, a) => reconciled(escrowId, a, ({ status }) => status === "refunded"),
});

/** How an escrow stands now. */
export const getEscrow: Activity<z.input<typeof One>, Receipt> = activity({
  name: "purpleflea.getEscrow",
  input: One,
  output: EscrowReceipt,
  uses: { venue: purpleFlea },
  effect: "none",
  timeouts: { attempt: "30s" },
  run: async ({ escrowId }, a) => escrowReceipt(await a.use(purpleFlea).escrow.get(escrowId)),
});
