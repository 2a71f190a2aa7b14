// The guard as a host and people reach it: what is on, what is spent, and a person's word. One port for both engines.

import type { Usdc } from "../base/money.ts";
import type { AuditFault, AuditHead, AuditRow } from "../guard/audit.ts";
import type { GuardedEffect } from "../guard/check.ts";
import type { EquityState } from "../guard/loss.ts";
import type { ModeChange, ModeRow } from "../guard/mode.ts";

/** What is spent or reserved of one budget, for one value of its dimension. */
export interface BudgetStatus {
  /** "agent/day". */
  readonly name: string;
  readonly value: string;
  readonly spent: Usdc;
  readonly limit: Usdc;
  /** When its span ends, in milliseconds since the epoch; undefined: never. */
  readonly until: number | undefined;
}

/** `withdrawn`: its run does not wait for it any more. */
export type ApprovalState = "asked" | "approved" | "rejected" | "expired" | "withdrawn";

/** What a person is asked, or was. Instants are milliseconds since the epoch. */
export interface ApprovalRow {
  /** Short enough to type; stands for this command alone. */
  readonly id: string;
  readonly key: string;
  /** Workflow id of the run that waits. */
  readonly run: string;
  readonly ref: string;
  readonly account: string;
  /** Encoded. */
  readonly command: string;
  readonly why: string;
  readonly state: ApprovalState;
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly decidedAt: number | undefined;
  readonly decidedBy: string | undefined;
  readonly reason: string | undefined;
}

export interface GuardStatus {
  /** The policy that decides; undefined where the project has none and modes alone count. */
  readonly policy: { readonly version: number; readonly digest: string } | undefined;
  /** Those that are on. */
  readonly modes: readonly ModeRow[];
  readonly budgets: readonly BudgetStatus[];
  /** Those that wait for an answer, newest first; at most 100. */
  readonly approvals: readonly ApprovalRow[];
  readonly equity: readonly {
    readonly account: string;
    readonly venue: string;
    readonly equity: Usdc;
    readonly peak: Usdc;
    readonly at: number;
  }[];
  /** The end of the audit log: noted elsewhere, it shows later that nothing before it was changed. */
  readonly audit: AuditHead;
}

/** A person's word about a scope. Audited. */
export interface ModeRequest {
  /** "project", "agent:alpha", "venue:purpleflea" or "symbol:BTC-PERP". */
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
}

/** A person's answer. Audited; the second one is refused. */
export interface ApprovalAnswer {
  readonly id: string;
  readonly approved: boolean;
  readonly actor: string;
  readonly reason: string;
}

/** What a walk along the whole audit log has found. */
export interface AuditReport {
  readonly rows: number;
  readonly head: AuditHead;
  /** The first place where the chain is broken; undefined where it is whole. */
  readonly fault: AuditFault | undefined;
}

/** Every method that writes is fulfilled when the write would survive a crash. */
export interface Guard {
  status(): Promise<GuardStatus>;
  /**
   * The kill switch: nothing that was not sent before this is fulfilled leaves any more in this scope, whoever would
   * send it. What is on its way goes on, and its outcome is learnt. Lasts until somebody lifts it.
   */
  halt(request: ModeRequest): Promise<readonly ModeChange[]>;
  /** @throws HF-GUARD-NOTHING-TO-LIFT, HF-GUARD-INVALID */
  lift(request: ModeRequest): Promise<readonly ModeChange[]>;
  /** Newest first; at most 1,000, default 100. */
  approvals(filter?: {
    readonly state?: ApprovalState | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly ApprovalRow[]>;
  /** @throws HF-APPROVAL-UNKNOWN, HF-APPROVAL-DECIDED, HF-APPROVAL-OWN */
  answer(answer: ApprovalAnswer): Promise<ApprovalRow>;
  /** Rows behind a position, oldest first; at most 1,000, default 100. */
  audit(page?: {
    readonly after?: number | undefined;
    readonly limit?: number | undefined;
  }): Promise<readonly AuditRow[]>;
  /** @param noted an end of the log that somebody noted before */
  verifyAudit(noted?: AuditHead): Promise<AuditReport>;
  /**
   * A venue's breaker for writes has opened, until an instant at which it lets a probe through, or has closed: the
   * venue is REDUCE_ONLY meanwhile. Where the project has no policy, the breaker alone holds calls back.
   */
  breaker(change: {
    readonly venue: string;
    readonly isOpen: boolean;
    readonly until?: number | undefined;
    readonly reason: string;
  }): Promise<void>;
}

/** An effect that has certainly happened, with its command as far as the ledger of budgets keeps it. */
export interface MovedEffect extends GuardedEffect {
  /** What it did cost, in micro-USDC. */
  readonly cost: Usdc;
  /** Tells two commands apart, but for their keys. */
  readonly fingerprint: string;
  /** When it was let through, in milliseconds since the epoch. */
  readonly at: number;
}

/** What was seen of an agent's equity, with its peak. */
export interface MovedEquity extends EquityState {
  readonly account: string;
  readonly venue: string;
}

/** A page of what the book of an engine that is left tells the one that takes over. */
export interface MovedBook {
  /** The end of its audit log, and the instant of the last row: the guard's time goes back nowhere. */
  readonly head: AuditHead & { readonly at: number };
  /** Those that wait for a person; on the first page. */
  readonly modes: readonly ModeRow[];
  /** On the first page. */
  readonly equity: readonly MovedEquity[];
  /** By key. What is still reserved or asked for belongs to runs that stay. */
  readonly effects: readonly MovedEffect[];
  /** Where the next page begins; undefined after the last. */
  readonly after: string | undefined;
}
