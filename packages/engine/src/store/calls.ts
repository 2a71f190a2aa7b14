// What is known of pending calls beyond their commands. A call that runs at once needs no row: its command is
// its record.

import type { DatabaseSync } from "node:sqlite";
import type { Encoded, Failure } from "@holdfast/core";
import { optionalNumber } from "./column.ts";

export interface CallRow {
  readonly attempt: number;
  readonly nextAt: number | undefined;
  readonly lastFailure: Failure | undefined;
  readonly heartbeat: Encoded | undefined;
  readonly elsewhere: boolean;
  /** Crashes in a row in which it was in flight, whatever else was. */
  readonly crashes: number;
  /** Crashes in which nothing else was in flight. */
  readonly crashesAlone: number;
  /** True while it is in flight alone. */
  readonly alone: boolean;
}

export interface CallPlace {
  readonly run: number;
  readonly call: number;
}

export interface CallTable {
  put(place: CallPlace, row: CallRow): void;
  get(place: CallPlace): CallRow | undefined;
  drop(place: CallPlace): void;
  /** Ends the state of being alone, and gives the call that was; `crashed` counts one more crash for it. */
  endAlone(crashed: boolean): CallPlace | undefined;
}

const COLUMNS = "attempt, next_at, failure, heartbeat, elsewhere, crashes, crashes_alone, alone";

export function callTable(database: DatabaseSync): CallTable {
  const put = database.prepare(
    `INSERT OR REPLACE INTO call (run, call, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const get = database.prepare(`SELECT ${COLUMNS} FROM call WHERE run = ? AND call = ?`);
  const drop = database.prepare("DELETE FROM call WHERE run = ? AND call = ?");
  const alone = database.prepare("SELECT run, call FROM call WHERE alone = 1");
  const endAlone = database.prepare(
    "UPDATE call SET alone = 0, crashes_alone = crashes_alone + ? WHERE alone = 1",
  );
  return {
    put({ run, call }, row) {
      put.run(
        run,
        call,
        row.attempt,
        row.nextAt ?? null,
        row.lastFailure === undefined ? null : JSON.stringify(row.lastFailure),
        row.heartbeat ?? null,
        Number(row.elsewhere),
        row.crashes,
        row.crashesAlone,
        Number(row.alone),
      );
    },
    get({ run, call }) {
      const found = get.get(run, call);
      return found === undefined ? undefined : read(found);
    },
    drop({ run, call }) {
      drop.run(run, call);
    },
    endAlone(crashed) {
      const found = alone.get();
      if (found === undefined) return undefined;
      endAlone.run(Number(crashed));
      return { run: Number(found["run"]), call: Number(found["call"]) };
    },
  };
}

function read(found: Readonly<Record<string, unknown>>): CallRow {
  const { failure, heartbeat } = found;
  return {
    attempt: Number(found["attempt"]),
    nextAt: optionalNumber(found["next_at"]),
    lastFailure: typeof failure === "string" ? (JSON.parse(failure) as Failure) : undefined,
    heartbeat: typeof heartbeat === "string" ? heartbeat : undefined,
    elsewhere: found["elsewhere"] === 1,
    crashes: Number(found["crashes"]),
    crashesAlone: Number(found["crashes_alone"]),
    alone: found["alone"] === 1,
  };
}
