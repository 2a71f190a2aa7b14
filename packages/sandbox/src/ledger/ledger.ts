// The double-entry ledger: immutable transfers from one account to another, running totals per account. No
// money appears or vanishes: the sum over all accounts is zero, always.

import { HoldfastError, type Usdc, micros } from "@holdfast/core";
import type { Database } from "../store/database.ts";

/** What a transfer is for. */
export type TransferKind =
  | "grant"
  | "faucet"
  | "margin"
  | "margin-return"
  | "fee"
  | "profit"
  | "loss"
  | "liquidation";

export interface Transfer {
  readonly debit: string;
  readonly credit: string;
  readonly amount: Usdc;
  readonly kind: TransferKind;
  readonly agent: string;
  /** What it concerns: a position, a claim. */
  readonly subject: string;
  readonly at: number;
  readonly command: number;
}

/** The venue's own side of the book: these accounts may owe. */
export const VENUE_ACCOUNTS = ["venue:grants", "venue:faucet", "venue:clearing", "venue:fees", "venue:insurance"] as const;

export const agentAccount = (agent: string): string => `agent:${agent}`;
export const marginAccount = (position: string): string => `margin:${position}`;

export interface Ledger {
  balance(account: string): Usdc;
  /** Posts linked transfers: all of them in the caller's transaction. @throws HF-LEDGER-OVERDRAWN */
  post(transfers: readonly Transfer[]): void;
  transfers(agent: string, limit: number): readonly StoredTransfer[];
  /** Sum over all accounts: zero. */
  sum(): bigint;
}

export interface StoredTransfer extends Omit<Transfer, "command"> {
  readonly id: number;
  readonly ref: string | null;
}

export function createLedger(database: Database): Ledger {
  const { raw } = database;
  const read = raw.prepare("SELECT credits - debits AS balance FROM account WHERE id = ?");
  read.setReadBigInts(true);
  const open = raw.prepare("INSERT OR IGNORE INTO account (id, debits, credits, may_owe) VALUES (?, 0, 0, ?)");
  const debit = raw.prepare("UPDATE account SET debits = debits + ? WHERE id = ? AND (may_owe = 1 OR credits - debits >= ?)");
  const credit = raw.prepare("UPDATE account SET credits = credits + ? WHERE id = ?");
  const insert = raw.prepare(
    "INSERT INTO transfer (debit, credit, amount, kind, agent, subject, at, command) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const list = raw.prepare(
    `SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.agent, t.subject, t.at, c.ref
     FROM transfer t LEFT JOIN command c ON c.id = t.command WHERE t.agent = ? ORDER BY t.id DESC LIMIT ?`,
  );
  list.setReadBigInts(true);
  const total = raw.prepare("SELECT coalesce(sum(credits - debits), 0) AS total FROM account");
  total.setReadBigInts(true);
  const known = new Set<string>();

  function ensure(account: string): void {
    if (known.has(account)) return;
    open.run(account, account.startsWith("venue:") ? 1 : 0);
    known.add(account);
  }

  return {
    balance(account) {
      const found = read.get(account)?.["balance"];
      return micros(typeof found === "bigint" ? found : 0n);
    },
    post(transfers) {
      // A rolled-back transaction takes new accounts with it, so nothing is remembered across posts.
      known.clear();
      for (const transfer of transfers) {
        if (transfer.amount === 0n) continue;
        if (transfer.amount < 0n) throw new Error(`A transfer of ${transfer.amount} is not positive.`);
        ensure(transfer.debit);
        ensure(transfer.credit);
        const taken = debit.run(transfer.amount, transfer.debit, transfer.amount);
        if (taken.changes !== 1) throw overdrawn(transfer);
        credit.run(transfer.amount, transfer.credit);
        insert.run(
          transfer.debit,
          transfer.credit,
          transfer.amount,
          transfer.kind,
          transfer.agent,
          transfer.subject,
          transfer.at,
          transfer.command,
        );
      }
    },
    transfers: (agent, limit) =>
      list.all(agent, limit).map((found) => ({
        id: Number(found["id"]),
        debit: String(found["debit"]),
        credit: String(found["credit"]),
        amount: micros(found["amount"] as bigint),
        kind: found["kind"] as TransferKind,
        agent: String(found["agent"]),
        subject: String(found["subject"]),
        at: Number(found["at"]),
        ref: found["ref"] === null ? null : String(found["ref"]),
      })),
    sum() {
      return total.get()?.["total"] as bigint;
    },
  };
}

function overdrawn(transfer: Transfer): HoldfastError {
  return new HoldfastError("HF-LEDGER-OVERDRAWN", `Cannot take ${transfer.amount} from ${transfer.debit}: it holds less.`, {
    class: "api",
    disposition: "refused",
    outcome: "refused",
  });
}
