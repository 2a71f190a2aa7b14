// What the guard does with a database is written once, as generators that give statements and take rows. Whoever has
// the transaction carries them out: at once on SQLite, inside the engine's own commit, or one after the other on a
// server.

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

export type Value = string | number | bigint | null;

/** One statement; its parameters stand as `?`. It has no literal with a question mark. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

export type Row = Readonly<Record<string, unknown>>;

/** A procedure: gives statements, takes their rows, and returns a value. One transaction holds all of it. */
export type Steps<Result> = Generator<Statement, Result, readonly Row[]>;

/** Carries out statements at once. */
export type Carry = (statement: Statement) => readonly Row[];

/** Carries out procedures on a database of this process; the transaction is the caller's. */
export function carrierOf(database: DatabaseSync): Carry {
  const prepared = new Map<string, StatementSync>();
  return ({ sql, values }) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statement.setReadBigInts(true);
      prepared.set(sql, statement);
    }
    return statement.all(...(values as readonly SQLInputValue[]));
  };
}

/** Goes through a procedure. */
export function carryOut<Result>(steps: Steps<Result>, carry: Carry): Result {
  let next = steps.next();
  while (next.done !== true) next = steps.next(carry(next.value));
  return next.value;
}

/** Goes through a procedure on a server. */
export async function carryOutOn<Result>(
  steps: Steps<Result>,
  carry: (statement: Statement) => Promise<readonly Row[]>,
): Promise<Result> {
  let next = steps.next();
  while (next.done !== true) next = steps.next(await carry(next.value));
  return next.value;
}

/** What a procedure gave, or why it refused. An error of the database is neither, and is thrown. */
export type Outcome<Result> = { readonly value: Result } | { readonly error: unknown };

/** Tells what a procedure throws itself from what its database does. */
export function* outcomeOf<Result>(steps: Steps<Result>): Steps<Outcome<Result>> {
  try {
    return { value: yield* steps };
  } catch (error) {
    return { error };
  }
}

/** Rows of one statement. */
export function* rows(sql: string, ...values: readonly Value[]): Steps<readonly Row[]> {
  return yield { sql, values };
}

/** The first row of one statement. */
export function* first(sql: string, ...values: readonly Value[]): Steps<Row | undefined> {
  const found = yield { sql, values };
  return found[0];
}

/** Integers are bigints on SQLite and text on PostgreSQL. */
export function integer(value: unknown): bigint {
  return typeof value === "bigint" ? value : BigInt(String(value));
}

export function number(value: unknown): number {
  return Number(value);
}

export function optional(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : String(value);
}

export function optionalText(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : text(value);
}
