// Calls that wait for another attempt. A call that runs at once needs no row: its command is its record.

import type { DatabaseSync } from "node:sqlite";
import type { Encoded, Failure } from "@holdfast/core";
import { optionalNumber } from "./column.ts";

export interface CallRow {
  readonly attempt: number;
  readonly nextAt: number | undefined;
  readonly failure: Failure | undefined;
  readonly heartbeat: Encoded | undefined;
}

export interface CallTable {
  put(run: number, call: number, row: CallRow): void;
  get(run: number, call: number): CallRow | undefined;
  drop(run: number, call: number): void;
}

export function callTable(database: DatabaseSync): CallTable {
  const put = database.prepare(
    "INSERT OR REPLACE INTO call (run, call, attempt, next_at, failure, heartbeat) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const get = database.prepare(
    "SELECT attempt, next_at, failure, heartbeat FROM call WHERE run = ? AND call = ?",
  );
  const drop = database.prepare("DELETE FROM call WHERE run = ? AND call = ?");
  return {
    put(run, call, row) {
      put.run(
        run,
        call,
        row.attempt,
        row.nextAt ?? null,
        row.failure === undefined ? null : JSON.stringify(row.failure),
        row.heartbeat ?? null,
      );
    },
    get(run, call) {
      const found = get.get(run, call);
      if (found === undefined) return undefined;
      const { failure, heartbeat } = found;
      return {
        attempt: Number(found["attempt"]),
        nextAt: optionalNumber(found["next_at"]),
        failure: typeof failure === "string" ? (JSON.parse(failure) as Failure) : undefined,
        heartbeat: typeof heartbeat === "string" ? heartbeat : undefined,
      };
    },
    drop(run, call) {
      drop.run(run, call);
    },
  };
}
