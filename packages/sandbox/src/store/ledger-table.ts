// Accounts and transfers as rows. Which transfers make sense is decided in the ledger; here a debit only
// refuses to take what is not there.

import { type Usdc, micros } from "@holdfast/core";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalInteger, optionalText, prepared, text } from "./row.ts";

export interface TransferRow {
  readonly debit: string;
  readonly credit: string;
  readonly amount: Usdc;
  readonly kind: string;
  readonly agent: string;
  /** What it concerns: a position, a claim. */
  readonly subject: string;
  readonly at: number;
  readonly command: number;
}

/**
 * "posted" has moved. In two phases: "pending" is reserved and has not moved; what of it then moves is posted, what
 * goes back is voided, each as a transfer of its own that names it.
 */
export type TransferState = "posted" | "pending" | "voided";

export interface StoredTransfer extends Omit<TransferRow, "command"> {
  readonly id: number;
  readonly state: TransferState;
  /** The reservation that it posts or voids. */
  readonly pendingOf: number | null;
  readonly ref: string | null;
}

export interface Pending {
  readonly id: number;
  readonly debit: string;
  readonly credit: string;
  readonly agent: string;
  readonly rest: Usdc;
}

export interface LedgerTable {
  openAccount(account: string, mayOwe: boolean): void;
  /** Credits less debits, and less what is reserved. */
  balance(account: string): Usdc;
  /** False when the account holds less and may not owe. */
  debit(account: string, amount: Usdc): boolean;
  credit(account: string, amount: Usdc): void;
  /** Reserves; false when the account holds less and may not owe. */
  debitPending(account: string, amount: Usdc): boolean;
  creditPending(account: string, amount: Usdc): void;
  /** Returns the transfer's number. */
  insert(transfer: TransferRow, state?: TransferState, pendingOf?: number): number;
  /** The reservation of a subject, and what of it has neither been posted nor voided. */
  pending(subject: string): Pending | undefined;
  /** An agent's transfers, newest first. */
  ofAgent(agent: string, limit: number): readonly StoredTransfer[];
  /** Credits minus debits over all accounts. */
  sum(): bigint;
}

export function ledgerTable({ raw }: Database): LedgerTable {
  const open = raw.prepare("INSERT OR IGNORE INTO account (id, may_owe) VALUES (?, ?)");
  const balance = prepared(
    raw,
    "SELECT credits - debits - debits_pending AS balance FROM account WHERE id = ?",
  );
  const debit = raw.prepare(
    `UPDATE account SET debits = debits + ?1
     WHERE id = ?2 AND (may_owe = 1 OR credits - debits - debits_pending >= ?1)`,
  );
  const credit = raw.prepare("UPDATE account SET credits = credits + ? WHERE id = ?");
  const debitPending = raw.prepare(
    `UPDATE account SET debits_pending = debits_pending + ?1
     WHERE id = ?2 AND (may_owe = 1 OR credits - debits - debits_pending >= ?1)`,
  );
  const creditPending = raw.prepare(
    "UPDATE account SET credits_pending = credits_pending + ? WHERE id = ?",
  );
  const insert = raw.prepare(
    `INSERT INTO transfer (debit, credit, amount, kind, agent, subject, at, command, state, pending_of)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const pending = prepared(
    raw,
    `SELECT p.id, p.debit, p.credit, p.agent, p.amount - coalesce(
       (SELECT sum(amount) FROM transfer WHERE pending_of = p.id), 0) AS rest
     FROM transfer p WHERE p.subject = ? AND p.state = 'pending'`,
  );
  const list = prepared(
    raw,
    `SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.agent, t.subject, t.at, t.state,
       t.pending_of, c.ref
     FROM transfer t LEFT JOIN command c ON c.id = t.command AND c.agent = t.agent
     WHERE t.agent = ? ORDER BY t.id DESC LIMIT ?`,
  );
  const sum = prepared(raw, "SELECT coalesce(sum(credits - debits), 0) AS total FROM account");
  return {
    openAccount(account, mayOwe) {
      open.run(account, mayOwe ? 1 : 0);
    },
    balance(account) {
      const row = balance.get(account);
      return micros(row === undefined ? 0n : big(row, "balance"));
    },
    debit: (account, amount) => Number(debit.run(amount, account).changes) === 1,
    credit(account, amount) {
      credit.run(amount, account);
    },
    debitPending: (account, amount) => Number(debitPending.run(amount, account).changes) === 1,
    creditPending(account, amount) {
      creditPending.run(amount, account);
    },
    insert({ debit, credit, amount, kind, agent, subject, at, command }, state, pendingOf) {
      const moved = [debit, credit, amount, kind, agent, subject, at, command] as const;
      const done = insert.run(...moved, state ?? "posted", pendingOf ?? null);
      return Number(done.lastInsertRowid);
    },
    pending(subject) {
      const row = pending.get(subject);
      return row === undefined ? undefined : reservation(row);
    },
    ofAgent: (agent, limit) => list.all(agent, limit).map(stored),
    sum() {
      const row = sum.get();
      return row === undefined ? 0n : big(row, "total");
    },
  };
}

function stored(row: Row): StoredTransfer {
  return {
    id: integer(row, "id"),
    debit: text(row, "debit"),
    credit: text(row, "credit"),
    amount: micros(big(row, "amount")),
    kind: text(row, "kind"),
    agent: text(row, "agent"),
    subject: text(row, "subject"),
    at: integer(row, "at"),
    state: text(row, "state") as TransferState,
    pendingOf: optionalInteger(row, "pending_of"),
    ref: optionalText(row, "ref"),
  };
}

function reservation(row: Row): Pending {
  return {
    id: integer(row, "id"),
    debit: text(row, "debit"),
    credit: text(row, "credit"),
    agent: text(row, "agent"),
    rest: micros(big(row, "rest")),
  };
}
