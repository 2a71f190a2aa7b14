// What an escrow is: money of a payer that the venue keeps until the payer lets it go, the payee gives it back,
// the deadline passes, or an arbiter decides.

import type { Usdc } from "@holdfast/core";

export type EscrowStatus = "locked" | "completed" | "disputed" | "released" | "refunded" | "split";

/** What ended it: one of its parties, its deadline, the arbiter, or the end of its job before it was taken. */
export type EndedBy = "release" | "refund" | "expiry" | "resolve" | "cancel";

export interface Escrow {
  readonly id: string;
  /** That of the command that made it. */
  readonly number: number;
  readonly payer: string;
  /** An agent of this venue, or a name that none has. */
  readonly payee: string;
  /** True where the payee is no agent of this venue: what it gets lies in an account under its name. */
  readonly simulated: boolean;
  /** The agent that gets a part of the fee. */
  readonly referrer: string | null;
  readonly amount: Usdc;
  readonly condition: string;
  readonly status: EscrowStatus;
  readonly endedBy: EndedBy | null;
  /** What the payee got, after the fee. */
  readonly paid: Usdc;
  readonly fee: Usdc;
  /** The referrer's part of the fee. */
  readonly referral: Usdc;
  readonly refunded: Usdc;
  /** Of the dispute. */
  readonly reason: string | null;
  /** True once the payee has said that the work is done. */
  readonly wasDone: boolean;
  /** Of the transfers that moved it last. */
  readonly txHash: string;
  readonly job: string | null;
  readonly ref: string | null;
  readonly createdAt: number;
  /** Milliseconds since the epoch: then, what is still locked goes back. */
  readonly deadline: number;
  readonly changedAt: number;
}

/** Whether its money is still kept. */
export function isLive({ status }: Pick<Escrow, "status">): boolean {
  return status === "locked" || status === "completed" || status === "disputed";
}
