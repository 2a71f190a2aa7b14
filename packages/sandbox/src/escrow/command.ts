// What an agent wants of its escrows.

import type { Usdc } from "@holdfast/core";

/** Until when: hours from now, or an instant. */
export interface Term {
  readonly timeoutHours: number | undefined;
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly deadline: number | undefined;
}

export type EscrowCommand =
  | ({
      readonly operation: "create-escrow";
      /** An agent of this venue, or a name that none has. */
      readonly to: string;
      readonly amount: Usdc;
      readonly condition: string;
      readonly referrer: string | undefined;
    } & Term)
  | { readonly operation: "release-escrow"; readonly escrowId: string }
  | { readonly operation: "complete-escrow"; readonly escrowId: string }
  | { readonly operation: "dispute-escrow"; readonly escrowId: string; readonly reason: string }
  | { readonly operation: "refund-escrow"; readonly escrowId: string };
