// Escrows: money that the venue keeps between two agents.

import { type Usdc, formatUsdc } from "@holdfast/core";
import type { z } from "zod";
import { EscrowResponse, type EscrowStatus, EscrowsResponse } from "../../wire/index.ts";
import { type Calls, query } from "../calls.ts";
import type { ReadMark, WriteMark } from "../http.ts";

export interface NewEscrow {
  /** Who is to be paid: an agent of the venue, or somebody by name. */
  readonly to: string;
  readonly amount: Usdc;
  /** What is to be done for it; for people, nothing reads it. */
  readonly condition?: string | undefined;
  /** Gets 15 % of the fee. */
  readonly referrer?: string | undefined;
  /** When what is still locked goes back: 1 to 720; 72 where absent. */
  readonly timeoutHours?: number | undefined;
  /** The same as an instant, in milliseconds since the epoch. */
  readonly deadline?: number | undefined;
}

export interface EscrowGroup {
  create(escrow: NewEscrow, mark: WriteMark): Promise<z.output<typeof EscrowResponse>>;
  /** As the payee: the work is done. */
  complete(escrowId: string, mark: WriteMark): Promise<z.output<typeof EscrowResponse>>;
  /** As the payer: pays, less the fee. Sent again, it answers as the first time. */
  release(escrowId: string, mark: WriteMark): Promise<z.output<typeof EscrowResponse>>;
  /** As either: only the arbiter decides from then on. */
  dispute(
    dispute: { readonly escrowId: string; readonly reason?: string | undefined },
    mark: WriteMark,
  ): Promise<z.output<typeof EscrowResponse>>;
  /** As the payee: gives everything back. */
  refund(escrowId: string, mark: WriteMark): Promise<z.output<typeof EscrowResponse>>;
  get(escrowId: string, mark?: ReadMark): Promise<z.output<typeof EscrowResponse>>;
  /** Newest first. */
  list(
    options?: {
      readonly status?: EscrowStatus | undefined;
      readonly role?: "payer" | "payee" | undefined;
      readonly limit?: number;
    },
    mark?: ReadMark,
  ): Promise<z.output<typeof EscrowsResponse>["escrows"]>;
}

export function escrowGroup({ read, write, profile: { paths } }: Calls): EscrowGroup {
  const answer = EscrowResponse;
  const pathOf = (escrowId: string): string => `${paths.escrows}/${encodeURIComponent(escrowId)}`;
  const act =
    (action: "complete" | "release" | "refund") => (escrowId: string, mark: WriteMark) => {
      const operation = `${action}-escrow`;
      const path = `${pathOf(escrowId)}/${action}`;
      return write({ operation, what: `${action} an escrow`, path, body: {}, answer }, mark);
    };
  return {
    create({ to, amount, condition, referrer, timeoutHours, deadline }, mark) {
      const body = {
        to,
        amount: formatUsdc(amount),
        description: condition,
        referrer,
        timeout_hours: timeoutHours,
        deadline,
      };
      const call = { operation: "create-escrow", what: "create an escrow", path: paths.escrows };
      return write({ ...call, body, answer }, mark);
    },
    complete: act("complete"),
    release: act("release"),
    refund: act("refund"),
    dispute({ escrowId, reason }, mark) {
      const path = `${pathOf(escrowId)}/dispute`;
      const call = { operation: "dispute-escrow", what: "dispute an escrow", path };
      return write({ ...call, body: { reason }, answer }, mark);
    },
    get: (escrowId, mark) => read({ operation: "escrow", path: pathOf(escrowId), answer }, mark),
    async list(options = {}, mark) {
      const path = `${paths.escrows}${query(options)}`;
      return (await read({ operation: "escrows", path, answer: EscrowsResponse }, mark)).escrows;
    },
  };
}
