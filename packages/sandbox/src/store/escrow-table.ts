// Escrows as rows, live and ended.

import { type Usdc, micros } from "@holdfast/core";
import type { EndedBy, Escrow, EscrowStatus } from "../escrow/escrow.ts";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalText, prepared, text } from "./row.ts";

/** Whose escrows: those that an agent pays, those that it is paid by, or both. */
export type EscrowRole = "payer" | "payee";

export interface EscrowTable {
  insert(escrow: Escrow): void;
  get(id: string): Escrow | undefined;
  /** Writes down how far an escrow has come. */
  update(escrow: Escrow): void;
  /** Newest first. */
  list(
    agent: string,
    limit: number,
    filter?: { readonly status?: EscrowStatus | undefined; readonly role?: EscrowRole | undefined },
  ): readonly Escrow[];
  countLive(payer: string): number;
  /** Sum of what a payer's live escrows keep. */
  held(payer: string): Usdc;
}

const LIVE = "status IN ('locked', 'completed', 'disputed')";

export function escrowTable({ raw }: Database): EscrowTable {
  const insert = raw.prepare(
    `INSERT INTO escrow (id, number, payer, payee, simulated, referrer, amount, condition, job, ref, created_at,
       deadline, status, ended_by, paid, fee, referral, refunded, reason, was_done, tx_hash, changed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = raw.prepare(
    `UPDATE escrow SET status = ?, ended_by = ?, paid = ?, fee = ?, referral = ?, refunded = ?, reason = ?,
       was_done = ?, tx_hash = ?, changed_at = ? WHERE id = ?`,
  );
  const get = prepared(raw, "SELECT * FROM escrow WHERE id = ?");
  const list = prepared(
    raw,
    `SELECT * FROM (
       SELECT * FROM escrow WHERE payer = ?1 AND ?3 <> 'payee'
       UNION ALL SELECT * FROM escrow WHERE payee = ?1 AND simulated = 0 AND ?3 <> 'payer')
     WHERE ?2 IS NULL OR status = ?2 ORDER BY number DESC LIMIT ?4`,
  );
  const countLive = prepared(
    raw,
    `SELECT count(*) AS count FROM escrow WHERE payer = ? AND ${LIVE}`,
  );
  const held = prepared(
    raw,
    `SELECT coalesce(sum(amount), 0) AS held FROM escrow WHERE payer = ? AND ${LIVE}`,
  );
  return {
    insert(escrow) {
      const { id, number, payer, payee, simulated, referrer, amount, condition } = escrow;
      const { job, ref, createdAt, deadline } = escrow;
      const who = [id, number, payer, payee, simulated ? 1 : 0, referrer] as const;
      insert.run(...who, amount, condition, job, ref, createdAt, deadline, ...progress(escrow));
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    update(escrow) {
      update.run(...progress(escrow), escrow.id);
    },
    list: (agent, limit, { status, role } = {}) =>
      list.all(agent, status ?? null, role ?? "any", limit).map(parse),
    countLive: (payer) => integer(countLive.get(payer) ?? {}, "count"),
    held: (payer) => micros(big(held.get(payer) ?? {}, "held")),
  };
}

type Value = string | number | bigint | null;

function progress(escrow: Escrow): readonly Value[] {
  const { status, endedBy, paid, fee, referral, refunded, reason, wasDone, txHash } = escrow;
  const money = [paid, fee, referral, refunded] as const;
  return [status, endedBy, ...money, reason, wasDone ? 1 : 0, txHash, escrow.changedAt];
}

function parse(row: Row): Escrow {
  const amount = (column: string): Usdc => micros(big(row, column));
  return {
    id: text(row, "id"),
    number: integer(row, "number"),
    payer: text(row, "payer"),
    payee: text(row, "payee"),
    simulated: integer(row, "simulated") === 1,
    referrer: optionalText(row, "referrer"),
    amount: amount("amount"),
    condition: text(row, "condition"),
    status: text(row, "status") as EscrowStatus,
    endedBy: optionalText(row, "ended_by") as EndedBy | null,
    paid: amount("paid"),
    fee: amount("fee"),
    referral: amount("referral"),
    refunded: amount("refunded"),
    reason: optionalText(row, "reason"),
    wasDone: integer(row, "was_done") === 1,
    txHash: text(row, "tx_hash"),
    job: optionalText(row, "job"),
    ref: optionalText(row, "ref"),
    createdAt: integer(row, "created_at"),
    deadline: integer(row, "deadline"),
    changedAt: integer(row, "changed_at"),
  };
}
