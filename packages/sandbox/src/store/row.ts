// Reads columns of a row by type. Every statement of the store reads integers as bigint, so that an amount
// beyond 2^53 is never rounded on its way.

import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Prepares a statement that reads integers as bigint. */
export function prepared(raw: DatabaseSync, sql: string): StatementSync {
  const statement = raw.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new TypeError(`Column ${column} holds ${typeof value}, not text.`);
}

export function optionalText(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function big(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value === "bigint") return value;
  throw new TypeError(`Column ${column} holds ${typeof value}, not an integer.`);
}

export function integer(row: Row, column: string): number {
  return Number(big(row, column));
}

export function optionalInteger(row: Row, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}

export function optionalBig(row: Row, column: string): bigint | null {
  return row[column] === null ? null : big(row, column);
}
