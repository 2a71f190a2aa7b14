// The guard as the control API shows it: plain JSON, amounts as decimal USDC.

import {
  type ApprovalRow,
  COMMAND_DETAIL_MAX,
  type GuardStatus,
  type GuardedCommand,
  type Usdc,
  decode,
  formatUsdc,
} from "@holdfast/core";

/** A command as people read it; absent fields were not said. */
export interface PlainCommand {
  readonly operation: string;
  readonly kind: GuardedCommand["kind"];
  readonly amount: string;
  readonly notional: string;
  readonly symbol?: string;
  readonly counterparty?: string;
  readonly detail?: string;
  readonly leverage?: number;
  readonly limitPrice?: string;
}

export interface PlainApproval extends Omit<ApprovalRow, "command"> {
  readonly command: PlainCommand;
}

export interface PlainStatus extends Omit<GuardStatus, "approvals" | "budgets" | "equity"> {
  readonly now: number;
  readonly budgets: readonly {
    readonly name: string;
    readonly value: string;
    readonly spent: string;
    readonly limit: string;
    /** Spent of the limit: 0.8 is 80 %. */
    readonly share: number;
    readonly until?: number | undefined;
  }[];
  readonly equity: readonly {
    readonly account: string;
    readonly venue: string;
    readonly equity: string;
    readonly peak: string;
    readonly at: number;
  }[];
  readonly approvals: readonly PlainApproval[];
}

export function plainStatus(status: GuardStatus, now: number): PlainStatus {
  return {
    ...status,
    now,
    budgets: status.budgets.map(({ spent, limit, ...budget }) => ({
      ...budget,
      spent: formatUsdc(spent),
      limit: formatUsdc(limit),
      share: shareOf(spent, limit),
    })),
    equity: status.equity.map(({ equity, peak, ...of }) => ({
      ...of,
      equity: formatUsdc(equity),
      peak: formatUsdc(peak),
    })),
    approvals: status.approvals.map(plainApproval),
  };
}

export function shareOf(spent: Usdc, limit: Usdc): number {
  return Number(spent) / Number(limit);
}

/** "trade.open BTC-PERP (long)", "escrow.create to bob". */
export function commandLine({ operation, symbol, detail, counterparty }: PlainCommand): string {
  const what = symbol === undefined ? "" : ` ${symbol}`;
  const which = detail === undefined ? "" : ` (${detail})`;
  const whom = counterparty === undefined ? "" : ` to ${counterparty}`;
  return `${operation}${what}${which}${whom}`;
}

export function plainApproval({ command, ...row }: ApprovalRow): PlainApproval {
  const { operation, kind, amount, notional, ...said } = decode(command) as GuardedCommand;
  const { symbol, counterparty, detail, leverage, limitPrice } = said;
  return {
    ...row,
    command: {
      operation,
      kind,
      amount: formatUsdc(amount),
      notional: formatUsdc(notional ?? amount),
      ...(symbol === undefined ? {} : { symbol }),
      ...(counterparty === undefined ? {} : { counterparty }),
      ...(detail === undefined
        ? {}
        : { detail: detail.slice(0, COMMAND_DETAIL_MAX).toWellFormed() }),
      ...(leverage === undefined ? {} : { leverage }),
      ...(limitPrice === undefined ? {} : { limitPrice: formatUsdc(limitPrice) }),
    },
  };
}
