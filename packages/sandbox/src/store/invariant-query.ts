// What must hold after every transaction, as queries that return the rows that are wrong. Numbers are those of
// the venue's specification.

import type { Database } from "./database.ts";
import { prepared } from "./row.ts";

export interface Invariant {
  /** "I1 debits equal credits". */
  readonly name: string;
  readonly holds: boolean;
  /** The first rows that are wrong, as JSON: "[]" when it holds. */
  readonly detail: string;
}

interface Check {
  readonly name: string;
  readonly sql: string;
}

/** At most so many wrong rows are shown. */
const ROWS_SHOWN = 5;

const CHECKS: readonly Check[] = [
  {
    name: "I1 debits equal credits",
    sql: `SELECT sum(debits) AS debits, sum(credits) AS credits FROM account
          HAVING sum(debits) <> sum(credits) OR sum(debits_pending) <> sum(credits_pending)`,
  },
  {
    name: "I2 no agent owes",
    sql: `SELECT id, credits - debits - debits_pending AS available FROM account
          WHERE may_owe = 0 AND credits - debits - debits_pending < 0`,
  },
  {
    name: "I3 what is pending belongs to open orders, and nothing stays between",
    sql: `WITH held AS (SELECT id, substr(id, length('hold:') + 1) AS subject, credits - debits AS left,
            credits_pending AS pending FROM account WHERE id LIKE 'hold:%')
          SELECT o.id, o.reserved, h.pending FROM orders o LEFT JOIN held h ON h.subject = o.id
          WHERE coalesce(h.pending, 0) <> iif(o.status = 'open', o.reserved, 0)
          UNION ALL SELECT h.id, h.left, h.pending FROM held h LEFT JOIN orders o ON o.id = h.subject
          WHERE h.left <> 0 OR o.id IS NULL`,
  },
  {
    name: "I4 escrow accounts hold what live escrows keep, and ended ones paid all of it",
    sql: `SELECT e.id, e.amount, coalesce(a.credits - a.debits, 0) AS held FROM escrow e
          LEFT JOIN account a ON a.id = 'escrow:' || e.id
          WHERE coalesce(a.credits - a.debits, 0)
            <> iif(e.status IN ('locked', 'completed', 'disputed'), e.amount, 0)
          OR e.paid + e.fee + e.refunded
            <> iif(e.status IN ('locked', 'completed', 'disputed'), 0, e.amount)
          UNION ALL SELECT a.id, 0, a.credits - a.debits FROM account a
          LEFT JOIN escrow e ON e.id = substr(a.id, length('escrow:') + 1)
          WHERE a.id LIKE 'escrow:%' AND e.id IS NULL
          UNION ALL SELECT j.id, 0, 0 FROM job j LEFT JOIN escrow e ON e.id = j.escrow AND e.job = j.id
          WHERE e.id IS NULL OR j.status IN ('open', 'taken') AND e.status IN ('refunded', 'split')`,
  },
  {
    name: "I5 margin accounts hold the margin of open positions",
    sql: `SELECT p.id, p.margin, coalesce(a.credits - a.debits, 0) AS held FROM position p
          LEFT JOIN account a ON a.id = 'margin:' || p.id
          WHERE coalesce(a.credits - a.debits, 0) <> iif(p.closed_at IS NULL, p.margin, 0)
          UNION ALL SELECT a.id, 0, a.credits - a.debits FROM account a
          LEFT JOIN position p ON p.id = substr(a.id, length('margin:') + 1)
          WHERE a.id LIKE 'margin:%' AND p.id IS NULL`,
  },
  {
    name: "I6 transfers give the totals",
    sql: `SELECT a.id FROM account a
          LEFT JOIN (SELECT debit AS id, sum(iif(state = 'posted', amount, 0)) AS amount,
              sum(CASE WHEN state = 'pending' THEN amount WHEN pending_of IS NULL THEN 0 ELSE -amount END)
                AS pending FROM transfer GROUP BY debit) d
            ON d.id = a.id
          LEFT JOIN (SELECT credit AS id, sum(iif(state = 'posted', amount, 0)) AS amount,
              sum(CASE WHEN state = 'pending' THEN amount WHEN pending_of IS NULL THEN 0 ELSE -amount END)
                AS pending FROM transfer GROUP BY credit) c
            ON c.id = a.id
          WHERE a.debits <> coalesce(d.amount, 0) OR a.credits <> coalesce(c.amount, 0)
            OR a.debits_pending <> coalesce(d.pending, 0)
            OR a.credits_pending <> coalesce(c.pending, 0)
          UNION ALL SELECT t.debit FROM transfer t LEFT JOIN account a ON a.id = t.debit
          WHERE a.id IS NULL
          UNION ALL SELECT t.credit FROM transfer t LEFT JOIN account a ON a.id = t.credit
          WHERE a.id IS NULL`,
  },
  {
    name: "I7 a key has one command while it lives",
    sql: `SELECT a.operation, a.key FROM command a JOIN command b
          ON a.scope = b.scope AND a.operation = b.operation AND a.key = b.key AND a.id < b.id
          WHERE b.at - a.at < 86400000 AND a.id NOT IN (SELECT command FROM forgotten_key)
          UNION ALL SELECT operation, key FROM command WHERE effect = 1 AND status >= 400`,
  },
  {
    name: "I8 each effect has its event, each event its effect, each change of a balance its event",
    sql: `SELECT 'event' AS what, o.id FROM outbox o LEFT JOIN command c ON c.id = o.command
          WHERE c.id IS NULL OR c.effect = 0
          UNION ALL SELECT 'effect', c.id FROM command c LEFT JOIN outbox o ON o.command = c.id AND o.main = 1
          WHERE c.effect = 1 GROUP BY c.id HAVING count(o.id) <> 1
          UNION ALL SELECT 'transfer', t.id FROM transfer t LEFT JOIN command c ON c.id = t.command
          WHERE c.id IS NULL OR c.effect = 0
          UNION ALL SELECT 'balance', command FROM
          (SELECT command, agent, sum(change) <> 0 AS moved, 0 AS told FROM
            (SELECT command, substr(debit, 7) AS agent, CASE WHEN state = 'voided' THEN amount
               WHEN pending_of IS NULL THEN -amount ELSE 0 END AS change FROM transfer
             WHERE debit LIKE 'agent:%' UNION ALL
             SELECT command, substr(credit, 7), amount FROM transfer
             WHERE credit LIKE 'agent:%' AND state = 'posted')
           GROUP BY command, agent
           UNION ALL SELECT command, agent, 0, 1 FROM outbox WHERE type = 'wallet.balance_changed')
          GROUP BY command, agent HAVING sum(moved) <> sum(told)`,
  },
  {
    name: "I9 event ids increase",
    sql: `SELECT event_id FROM
          (SELECT event_id, lag(event_id) OVER (ORDER BY id) AS before FROM outbox)
          WHERE event_id <= before`,
  },
  {
    name: "I10 realised profit is what clearing paid",
    sql: `SELECT p.realised, t.paid FROM
          (SELECT coalesce(sum(realised), 0) AS realised FROM position) p,
          (SELECT coalesce(sum(iif(debit = 'venue:clearing', amount, -amount)), 0) AS paid
           FROM transfer WHERE (debit = 'venue:clearing' OR credit = 'venue:clearing')
           AND kind <> 'insurance-cover') t
          WHERE p.realised <> t.paid`,
  },
  {
    name: "I11 the bank holds what bets have lost, and each seed has one bet for each nonce",
    sql: `SELECT 'bank' AS what, b.lost, coalesce(a.credits - a.debits, 0) AS held FROM
          (SELECT coalesce(sum(stake - payout), 0) AS lost FROM casino_bet) b
          LEFT JOIN account a ON a.id = 'venue:bank'
          WHERE b.lost <> coalesce(a.credits - a.debits, 0)
          UNION ALL SELECT 'seed', s.nonce, count(b.id) FROM casino_seed s
          LEFT JOIN casino_bet b ON b.seed = s.id GROUP BY s.id
          HAVING s.nonce <> count(b.id) OR s.nonce <> coalesce(max(b.nonce) + 1, 0)`,
  },
  {
    name: "I12 what was paid for domains is in their account, and each has its timer",
    sql: `SELECT 'paid' AS what, d.paid AS found, coalesce(a.credits - a.debits, 0) AS wanted FROM
          (SELECT coalesce(sum(paid), 0) AS paid FROM domain) d
          LEFT JOIN account a ON a.id = 'venue:domains'
          WHERE d.paid <> coalesce(a.credits - a.debits, 0)
          UNION ALL SELECT d.id, count(t.id), d.status <> 'released' FROM domain d
          LEFT JOIN timer t ON t.kind = 'domain' AND t.subject = d.id
          GROUP BY d.id HAVING count(t.id) <> (d.status <> 'released')`,
  },
];

/** Runs every check over the whole file: linear in its size. */
export function invariantQuery({ raw }: Database): () => readonly Invariant[] {
  const checks = CHECKS.map(({ name, sql }) => ({
    name,
    statement: prepared(raw, `SELECT * FROM (${sql}) LIMIT ${ROWS_SHOWN}`),
  }));
  return () =>
    checks.map(({ name, statement }) => {
      const wrong = statement.all();
      return { name, holds: wrong.length === 0, detail: JSON.stringify(wrong, withoutBigints) };
    });
}

function withoutBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
