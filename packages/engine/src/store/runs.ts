// The run table.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Failure, ListFilter, RunStatus } from "@holdfast/core";
import { optionalNumber } from "./column.ts";

/** A run as stored. Status, activity, wake-up and closing are folds of the journal. */
export interface RunRow {
  readonly row: number;
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  readonly root: string;
  readonly generation: number;
  readonly request: string;
  readonly startedAt: number;
  /** Absent for runs that no workflow has started. */
  readonly parent?: RunParent | undefined;
  readonly state: RunState;
}

/** The run that started this one. */
export interface RunParent {
  readonly id: string;
  readonly row: number;
  /** The number of this child there. */
  readonly child: number;
}

/** The part of a run's row that changes. */
export interface RunState {
  readonly status: RunStatus;
  readonly active: boolean;
  readonly wakeAt: number | undefined;
  readonly closedAt: number | undefined;
  readonly cancelRequested: boolean;
  readonly problem: Failure | undefined;
}

/** When a run wakes. */
export interface WakeUp {
  readonly at: number;
  readonly row: number;
}

export interface RunTable {
  nextRow(): number;
  insert(run: RunRow): void;
  update(row: number, state: RunState): void;
  /** Another run waits for the end of this one. */
  adopt(row: number, parent: RunParent): void;
  byRow(row: number): RunRow | undefined;
  /** The newest run with this workflow id. */
  latest(id: string): RunRow | undefined;
  byRequest(id: string, request: string): RunRow | undefined;
  /** Open runs that a restart must look at, oldest first. */
  active(): readonly number[];
  stuck(): readonly number[];
  /** Runs with a timer due until an instant, in due order; without those that are stuck. */
  wakingUntil(at: number, limit: number): readonly number[];
  /** Wake-ups after one of them and until an instant, in due order; without runs that are stuck. */
  wakingBetween(from: WakeUp, until: number, limit: number): readonly WakeUp[];
  /** The earliest timer of a run that is not stuck. */
  nextWake(): number | undefined;
  list(filter: ListFilter, limit: number): readonly RunRow[];
  /** How many are open. */
  open(): number;
}

const COLUMNS =
  "row, id, run_id, workflow, account, root, generation, request, started_at, status, active, wake_at, closed_at, cancel, problem, parent, parent_run, child";
/** The place of the first column that changes. */
const STATE_COLUMN = 9;

export function runTable(database: DatabaseSync): RunTable {
  const insert = database.prepare(
    `INSERT INTO run (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = database.prepare(
    "UPDATE run SET status = ?, active = ?, wake_at = ?, closed_at = ?, cancel = ?, problem = ? WHERE row = ?",
  );
  const adopt = database.prepare(
    "UPDATE run SET parent = ?, parent_run = ?, child = ? WHERE row = ?",
  );
  const byRow = select(database, "WHERE row = ?");
  const latest = select(database, "WHERE id = ? ORDER BY row DESC LIMIT 1");
  const byRequest = select(database, "WHERE id = ? AND request = ? ORDER BY row LIMIT 1");
  const active = database.prepare("SELECT row FROM run WHERE active = 1 ORDER BY row");
  const stuck = database.prepare("SELECT row FROM run WHERE status = 'stuck' ORDER BY row");
  const maxRow = database.prepare("SELECT coalesce(max(row), 0) AS row FROM run");

  return {
    nextRow: () => Number(maxRow.get()?.["row"] ?? 0) + 1,
    insert(run) {
      insert.run(
        run.row,
        run.id,
        run.runId,
        run.workflow,
        run.account,
        run.root,
        run.generation,
        run.request,
        run.startedAt,
        ...columns(run.state),
        run.parent?.id ?? null,
        run.parent?.row ?? null,
        run.parent?.child ?? null,
      );
    },
    update(row, state) {
      update.run(...columns(state), row);
    },
    adopt(row, parent) {
      adopt.run(parent.id, parent.row, parent.child, row);
    },
    byRow: (row) => one(byRow, row),
    latest: (id) => one(latest, id),
    byRequest: (id, request) => one(byRequest, id, request),
    active: () => active.all().map((found) => Number(found["row"])),
    stuck: () => stuck.all().map((found) => Number(found["row"])),
    ...wakeUps(database),
    list: (filter, limit) => list(database, filter, limit),
    // Looks through all runs: only a person asks for it.
    open() {
      const count = database.prepare("SELECT count(*) AS open FROM run WHERE closed_at IS NULL");
      return Number(count.get()?.["open"] ?? 0);
    },
  };
}

/** Asked in each turn that has to do with time: an index answers, however many runs are asleep. */
function wakeUps(
  database: DatabaseSync,
): Pick<RunTable, "wakingUntil" | "wakingBetween" | "nextWake"> {
  const waking = database.prepare(
    "SELECT row FROM run WHERE wake_at <= ? AND status <> 'stuck' ORDER BY wake_at, row LIMIT ?",
  );
  // Both use the index to its end; one condition for both, "(wake_at, row) > (?, ?)", does not.
  const same = database.prepare(
    "SELECT row, wake_at FROM run WHERE wake_at = ? AND row > ? AND status <> 'stuck' ORDER BY row LIMIT ?",
  );
  const between = database.prepare(
    `SELECT row, wake_at FROM run WHERE wake_at > ? AND wake_at <= ? AND status <> 'stuck'
     ORDER BY wake_at, row LIMIT ?`,
  );
  const nextWake = database.prepare(
    "SELECT min(wake_at) AS at FROM run WHERE wake_at IS NOT NULL AND status <> 'stuck'",
  );
  return {
    wakingUntil: (at, limit) => waking.all(at, limit).map((found) => Number(found["row"])),
    wakingBetween(from, until, limit) {
      const found = same.all(from.at, from.row, limit);
      if (found.length < limit) found.push(...between.all(from.at, until, limit - found.length));
      return found.map(({ row, wake_at: at }) => ({ at: Number(at), row: Number(row) }));
    },
    nextWake: () => optionalNumber(nextWake.get()?.["at"]),
  };
}

function columns(
  state: RunState,
): [string, number, number | null, number | null, number, string | null] {
  return [
    state.status,
    state.active ? 1 : 0,
    state.wakeAt ?? null,
    state.closedAt ?? null,
    state.cancelRequested ? 1 : 0,
    state.problem === undefined ? null : JSON.stringify(state.problem),
  ];
}

/** A query for whole rows. They come as arrays: an object of so many columns takes three times as long. */
function select(database: DatabaseSync, which: string): StatementSync {
  const statement = database.prepare(`SELECT ${COLUMNS} FROM run ${which}`);
  statement.setReturnArrays(true);
  return statement;
}

function one(statement: StatementSync, ...values: readonly SQLInputValue[]): RunRow | undefined {
  const found: unknown = statement.get(...values);
  return found === undefined ? undefined : read(found as Columns);
}

/** In the order of COLUMNS. */
type Columns = readonly SQLOutputValue[];

function read(columns: Columns): RunRow {
  const [row, id, runId, workflow, account, root, generation, request, startedAt] = columns;
  const [status, active, wakeAt, closedAt, cancel, problem, parent, parentRun, child] =
    columns.slice(STATE_COLUMN);
  return {
    row: Number(row),
    id: String(id),
    runId: String(runId),
    workflow: String(workflow),
    account: String(account),
    root: String(root),
    generation: Number(generation),
    request: String(request),
    startedAt: Number(startedAt),
    ...(typeof parent === "string"
      ? { parent: { id: parent, row: Number(parentRun), child: Number(child) } }
      : {}),
    state: {
      status: status as RunStatus,
      active: active === 1,
      wakeAt: optionalNumber(wakeAt),
      closedAt: optionalNumber(closedAt),
      cancelRequested: cancel === 1,
      problem: typeof problem === "string" ? (JSON.parse(problem) as Failure) : undefined,
    },
  };
}

function list(database: DatabaseSync, filter: ListFilter, limit: number): readonly RunRow[] {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...more: SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...more);
  };
  if (filter.workflow !== undefined) add("workflow = ?", filter.workflow);
  if (filter.account !== undefined) add("account = ?", filter.account);
  if (filter.status === "open") add("closed_at IS NULL");
  else if (filter.status === "closed") add("closed_at IS NOT NULL");
  else if (filter.status !== undefined) add("status = ?", filter.status);
  if (filter.parent !== undefined) add("parent = ?", filter.parent);
  for (const [name, value] of Object.entries(filter.tags ?? {})) {
    add("row IN (SELECT run FROM tag WHERE name = ? AND value = ?)", name, JSON.stringify(value));
  }
  if (filter.idPrefix !== undefined)
    add("substr(id, 1, length(?)) = ?", filter.idPrefix, filter.idPrefix);
  if (filter.cursor !== undefined) add("row < ?", Number(filter.cursor));
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const found: unknown[] = select(database, `${where} ORDER BY row DESC LIMIT ?`).all(
    ...values,
    limit,
  );
  return found.map((columns) => read(columns as Columns));
}
