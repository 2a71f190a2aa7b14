// Jobs as rows.

import type { Job, JobStatus } from "../job/job.ts";
import type { Database } from "./database.ts";
import { type Row, integer, optionalInteger, optionalText, prepared, text } from "./row.ts";

export interface JobTable {
  insert(job: Job): void;
  get(id: string): Job | undefined;
  /** Writes down how far a job has come. */
  update(job: Job): void;
  /** Jobs that an agent pays for or works on, newest first. */
  list(agent: string, limit: number, status?: JobStatus): readonly Job[];
}

export function jobTable({ raw }: Database): JobTable {
  const insert = raw.prepare(
    `INSERT INTO job (id, number, payer, worker, simulated, escrow, spec, auto_release, created_at,
       status, result_hash, delivery_uri, reason, taken_at, ended_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = raw.prepare(
    `UPDATE job SET status = ?, result_hash = ?, delivery_uri = ?, reason = ?, taken_at = ?, ended_at = ?
     WHERE id = ?`,
  );
  const get = prepared(raw, "SELECT * FROM job WHERE id = ?");
  const list = prepared(
    raw,
    `SELECT * FROM (
       SELECT * FROM job WHERE payer = ?1
       UNION ALL SELECT * FROM job WHERE worker = ?1 AND simulated = 0)
     WHERE ?2 IS NULL OR status = ?2 ORDER BY number DESC LIMIT ?3`,
  );
  return {
    insert(job) {
      const { id, number, payer, worker, simulated, escrow, spec, autoRelease } = job;
      const who = [id, number, payer, worker, simulated ? 1 : 0, escrow] as const;
      insert.run(...who, spec, autoRelease ? 1 : 0, job.createdAt, ...progress(job));
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    update(job) {
      update.run(...progress(job), job.id);
    },
    list: (agent, limit, status) => list.all(agent, status ?? null, limit).map(parse),
  };
}

function progress(job: Job): readonly (string | number | null)[] {
  const { status, resultHash, deliveryUri, reason, takenAt, endedAt } = job;
  return [status, resultHash, deliveryUri, reason, takenAt, endedAt];
}

function parse(row: Row): Job {
  return {
    id: text(row, "id"),
    number: integer(row, "number"),
    payer: text(row, "payer"),
    worker: text(row, "worker"),
    simulated: integer(row, "simulated") === 1,
    escrow: text(row, "escrow"),
    spec: text(row, "spec"),
    autoRelease: integer(row, "auto_release") === 1,
    status: text(row, "status") as JobStatus,
    resultHash: optionalText(row, "result_hash"),
    deliveryUri: optionalText(row, "delivery_uri"),
    reason: optionalText(row, "reason"),
    createdAt: integer(row, "created_at"),
    takenAt: optionalInteger(row, "taken_at"),
    endedAt: optionalInteger(row, "ended_at"),
  };
}
