// Accounts and transfers as rows. Which transfers make sense is decided in the ledger; here a debit only
// refuses to take what is not there.

import { type Usdc, micros } from "@holdfast/core";
import type { Database } from "./database.ts";
import { big, integer, optionalText, prepared, text } from "./row.ts";

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

export interface StoredTransfer extends Omit<TransferRow, "command"> {
  readonly id: number;
  readonly ref: string | null;
}

export interface LedgerTable {
  openAccount(account: string, mayOwe: boolean): void;
  balance(account: string): Usdc;
  /** False when the account holds less and may not owe. */
  debit(account: string, amount: Usdc): boolean;
  credit(account: string, amount: Usdc): void;
  /** Returns the transfer's number. */
  insert(transfer: TransferRow): number;
  /** An agent's transfers, newest first. */
  ofAgent(agent: string, limit: number): readonly StoredTransfer[];
  /** Credits minus debits over all accounts. */
  sum(): bigint;
}

export function ledgerTable({ raw }: Database): LedgerTable {
  const open = raw.prepare("INSERT OR IGNORE INTO account (id, may_owe) VALUES (?, ?)");
  const balance = prepared(raw, "SELECT credits - debits AS balance FROM account WHERE id = ?");
  const debit = raw.prepare(
    `UPDATE account SET debits = debits + ?1
     WHERE id = ?2 AND (may_owe = 1 OR credits - debits - debits_pending >= ?1)`,
  );
  const credit = raw.prepare("UPDATE account SET credits = credits + ? WHERE id = ?");
  const insert = raw.prepare(
    `INSERT INTO transfer (debit, credit, amount, kind, agent, subject, at, command)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const list = prepared(
    raw,
    `SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.agent, t.subject, t.at, c.ref
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
    insert({ debit, credit, amount, kind, agent, subject, at, command }) {
      const done = insert.run(debit, credit, amount, kind, agent, subject, at, command);
      return Number(done.lastInsertRowid);
    },
    ofAgent: (agent, limit) =>
      list.all(agent, limit).map((row) => ({
        id: integer(row, "id"),
        debit: text(row, "debit"),
        credit: text(row, "credit"),
        amount: micros(big(row, "amount")),
        kind: text(row, "kind"),
        agent: text(row, "agent"),
        subject: text(row, "subject"),
        at: integer(row, "at"),
        ref: optionalText(row, "ref"),
      })),
    sum() {
      const row = sum.get();
      return row === undefined ? 0n : big(row, "total");
    },
  };
}
