// What must hold after every transaction. Numbers are those of the venue's specification.

import type { Database } from "../store/database.ts";

export interface Invariant {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

interface Check {
  readonly name: string;
  /** Rows of what is wrong: none when it holds. */
  readonly sql: string;
}

const CHECKS: readonly Check[] = [
  {
    name: "I1 debits equal credits",
    sql: "SELECT sum(debits) AS debits, sum(credits) AS credits FROM account HAVING sum(debits) <> sum(credits)",
  },
  {
    name: "I2 no agent owes",
    sql: "SELECT id, credits - debits AS balance FROM account WHERE may_owe = 0 AND credits < debits",
  },
  {
    name: "I5 margin accounts hold the margin of open positions",
    sql: `SELECT p.id, p.margin, coalesce(a.credits - a.debits, 0) AS held FROM position p
          LEFT JOIN account a ON a.id = 'margin:' || p.id
          WHERE coalesce(a.credits - a.debits, 0) <> iif(p.closed_at IS NULL, p.margin, 0)`,
  },
  {
    name: "I6 transfers give the totals",
    sql: `SELECT a.id FROM account a
          LEFT JOIN (SELECT debit AS id, sum(amount) AS amount FROM transfer GROUP BY debit) d ON d.id = a.id
          LEFT JOIN (SELECT credit AS id, sum(amount) AS amount FROM transfer GROUP BY credit) c ON c.id = a.id
          WHERE a.debits <> coalesce(d.amount, 0) OR a.credits <> coalesce(c.amount, 0)`,
  },
  {
    name: "I7 a key has one command while it lives",
    sql: `SELECT a.key FROM command a JOIN command b
          ON a.agent = b.agent AND a.operation = b.operation AND a.key = b.key AND a.id < b.id
          WHERE b.at - a.at < 86400000`,
  },
  {
    name: "I8 effects and their events belong together",
    sql: `SELECT o.id FROM outbox o LEFT JOIN command c ON c.id = o.command WHERE c.id IS NULL OR c.effect = 0
          UNION ALL SELECT c.id FROM command c LEFT JOIN outbox o ON o.command = c.id WHERE c.effect = 1 AND o.id IS NULL`,
  },
  {
    name: "I10 realised profit is what clearing paid",
    sql: `SELECT p.realised, t.paid FROM
          (SELECT coalesce(sum(realised), 0) AS realised FROM position WHERE closed_at IS NOT NULL) p,
          (SELECT coalesce(sum(iif(kind = 'profit', amount, -amount)), 0) AS paid FROM transfer
           WHERE kind IN ('profit', 'loss', 'liquidation')) t
          WHERE p.realised <> t.paid`,
  },
];

/** Checks all invariants over the whole store. */
export function checkInvariants(database: Database): readonly Invariant[] {
  return CHECKS.map(({ name, sql }) => {
    const statement = database.raw.prepare(`${sql} LIMIT 5`);
    statement.setReadBigInts(true);
    const wrong = statement.all();
    return {
      name,
      holds: wrong.length === 0,
      detail: JSON.stringify(wrong, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
    };
  });
}
