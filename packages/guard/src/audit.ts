// The audit log: rows are added, and never anything else.

import type { AuditHead, AuditReport, AuditRow } from "@holdfast/core";
import { AUDIT_ROOT, AuditChain, type AuditEntry, auditHash } from "@holdfast/core/internal";
import { type Steps, first, number, rows, text } from "./steps.ts";

/** Rows that are looked at in one step. */
const PAGE = 500;

/** The end of the chain, and the instant of its last row. */
export interface Head extends AuditHead {
  readonly at: number;
}

export function* auditHead(): Steps<Head> {
  const found = yield* first("SELECT value FROM guard_meta WHERE name = 'head'");
  if (found === undefined) return { position: 0, hash: AUDIT_ROOT, at: 0 };
  return JSON.parse(text(found["value"])) as Head;
}

/** Adds rows. Their instants never go back, whatever the clock does. */
export function* audit(entries: readonly AuditEntry[], from?: Head): Steps<Head> {
  let head = from ?? (yield* auditHead());
  if (entries.length === 0) return head;
  for (const entry of entries) {
    const at = Math.max(entry.at, head.at);
    const position = head.position + 1;
    const row = { ...entry, at };
    const hash = auditHash(head.hash, position, row);
    yield* rows(
      "INSERT INTO guard_audit (position, at, action, actor, reason, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      position,
      at,
      row.action,
      row.actor,
      row.reason,
      row.subject,
      row.detail,
      hash,
    );
    head = { position, hash, at };
  }
  yield* rows(
    "INSERT INTO guard_meta (name, value) VALUES ('head', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    JSON.stringify(head),
  );
  return head;
}

/** Rows behind a position, oldest first. */
export function* auditPage(after: number, limit: number = PAGE): Steps<readonly AuditRow[]> {
  const found = yield* rows(
    "SELECT position, at, action, actor, reason, subject, detail, hash FROM guard_audit WHERE position > ? ORDER BY position LIMIT ?",
    after,
    limit,
  );
  return found.map((row) => ({
    position: number(row["position"]),
    at: number(row["at"]),
    action: text(row["action"]),
    actor: text(row["actor"]),
    reason: text(row["reason"]),
    subject: text(row["subject"]),
    detail: text(row["detail"]),
    hash: text(row["hash"]),
  }));
}

/**
 * Walks along the whole log.
 *
 * @param noted an end that somebody noted before: it must lie on the chain, so that a log made anew is found
 */
export function* verifyAudit(noted?: AuditHead): Steps<AuditReport> {
  const head = yield* auditHead();
  const chain = new AuditChain();
  let isNoted = noted === undefined || noted.position === 0;
  for (;;) {
    const page = yield* auditPage(chain.head.position);
    for (const row of page) {
      const fault = chain.next(row);
      if (fault !== undefined) return { rows: chain.head.position, head, fault };
      if (noted?.position === row.position) {
        if (noted.hash !== row.hash)
          return { rows: row.position, head, fault: { kind: "changed", position: row.position } };
        isNoted = true;
      }
    }
    if (page.length < PAGE) break;
  }
  const cut = { kind: "cut", position: chain.head.position + 1 } as const;
  const fault = chain.end(head) ?? (isNoted ? undefined : cut);
  return { rows: chain.head.position, head, fault };
}
