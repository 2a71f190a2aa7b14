// An agent's own records, newest first: positions open and closed, and the answers to the orders that filled.

import type { Side } from "../trade/position.ts";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalText, prepared, text } from "./row.ts";

/** A position as it was opened, and what has become of it. */
export interface StoredRecord {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: bigint;
  readonly entryPrice: bigint;
  readonly liquidationPrice: bigint;
  readonly margin: bigint;
  readonly leverage: number;
  readonly realised: bigint;
  readonly openedAt: number;
  /** Null while it is open. */
  readonly closedBy: string | null;
}

export interface StoredFill {
  readonly id: number;
  readonly operation: "open" | "close";
  /** The answer, as JSON text. */
  readonly body: string;
  readonly at: number;
}

export interface RecordTable {
  positions(agent: string, limit: number): readonly StoredRecord[];
  fills(agent: string, limit: number): readonly StoredFill[];
  /** What is held of each pair and side, in 1e-8 of the asset. */
  held(agent: string): readonly Pick<StoredRecord, "symbol" | "side" | "quantity">[];
}

export function recordTable({ raw }: Database): RecordTable {
  const positions = prepared(
    raw,
    "SELECT * FROM position WHERE agent = ? ORDER BY opened_at DESC, id DESC LIMIT ?",
  );
  const fills = prepared(
    raw,
    `SELECT id, operation, body, at FROM command
     WHERE agent = ? AND effect = 1 AND operation IN ('open', 'close') ORDER BY id DESC LIMIT ?`,
  );
  const held = prepared(
    raw,
    `SELECT symbol, side, sum(quantity) AS quantity FROM position
     WHERE agent = ? AND closed_at IS NULL GROUP BY symbol, side ORDER BY symbol, side`,
  );
  return {
    positions: (agent, limit) => positions.all(agent, limit).map(record),
    fills: (agent, limit) =>
      fills.all(agent, limit).map((row) => ({
        id: integer(row, "id"),
        operation: text(row, "operation") as StoredFill["operation"],
        body: text(row, "body"),
        at: integer(row, "at"),
      })),
    held: (agent) =>
      held.all(agent).map((row) => ({
        symbol: text(row, "symbol"),
        side: text(row, "side") as Side,
        quantity: big(row, "quantity"),
      })),
  };
}

function record(row: Row): StoredRecord {
  return {
    id: text(row, "id"),
    symbol: text(row, "symbol"),
    side: text(row, "side") as Side,
    quantity: big(row, "quantity"),
    entryPrice: big(row, "entry_price"),
    liquidationPrice: big(row, "liquidation_price"),
    margin: big(row, "margin"),
    leverage: integer(row, "leverage"),
    realised: big(row, "realised"),
    openedAt: integer(row, "opened_at"),
    closedBy: optionalText(row, "closed_by"),
  };
}
