// Positions as rows, open and closed.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Usdc, micros } from "@holdfast/core";
import type { ClosedBy, Position, Side } from "../trade/position.ts";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalBig, optionalText, prepared, text } from "./row.ts";

export interface PositionTable {
  insert(position: Position, risk: bigint): void;
  /** Writes down what changed of an open position. */
  update(position: Position, risk: bigint): void;
  get(id: string): { readonly position: Position; readonly closedBy: string | null } | undefined;
  /** An agent's open positions, oldest first. */
  open(agent: string): readonly Position[];
  /** The risk of the open position of a pair and side that is liquidated first; undefined without one. */
  riskiest(symbol: string, side: Side): bigint | undefined;
  /** Open positions of a pair and side whose risk is reached, oldest first. */
  atRisk(symbol: string, side: Side, risk: bigint): readonly Position[];
  /** Sum of the margins of an agent's open positions. */
  held(agent: string): Usdc;
  /** Adds what a part of it, or the rest, has earned. */
  realise(id: string, realised: Usdc): void;
  close(id: string, closing: Closing): void;
}

export interface Closing {
  readonly at: number;
  readonly by: ClosedBy;
  readonly exitPrice: Usdc;
}

export function positionTable({ raw }: Database): PositionTable {
  const insert = raw.prepare(
    `INSERT INTO position (id, agent, symbol, side, quantity, entry_price, liquidation_price, margin,
       leverage, funding_index, risk, opened_at, ref)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = raw.prepare(
    `UPDATE position SET quantity = ?, entry_price = ?, liquidation_price = ?, margin = ?, funding_index = ?,
       risk = ? WHERE id = ?`,
  );
  const get = prepared(raw, "SELECT * FROM position WHERE id = ?");
  const open = prepared(
    raw,
    "SELECT * FROM position WHERE agent = ? AND closed_at IS NULL ORDER BY opened_at, id",
  );
  const riskiest = { long: extreme(raw, "max"), short: extreme(raw, "min") };
  const atRisk = { long: reached(raw, ">="), short: reached(raw, "<=") };
  const held = prepared(
    raw,
    "SELECT coalesce(sum(margin), 0) AS held FROM position WHERE agent = ? AND closed_at IS NULL",
  );
  const realise = raw.prepare("UPDATE position SET realised = realised + ? WHERE id = ?");
  const close = raw.prepare(
    "UPDATE position SET closed_at = ?, closed_by = ?, exit_price = ? WHERE id = ?",
  );

  return {
    insert(position, risk) {
      insert.run(...values(position), risk, position.openedAt, position.ref);
    },
    update({ id, quantity, entryPrice, liquidationPrice, margin, fundingIndex }, risk) {
      update.run(quantity, entryPrice, liquidationPrice, margin, fundingIndex, risk, id);
    },
    get(id) {
      const row = get.get(id);
      if (row === undefined) return undefined;
      return { position: parse(row), closedBy: optionalText(row, "closed_by") };
    },
    open: (agent) => open.all(agent).map(parse),
    riskiest: (symbol, side) =>
      optionalBig(riskiest[side].get(symbol, side) ?? {}, "risk") ?? undefined,
    atRisk: (symbol, side, risk) => atRisk[side].all(symbol, side, risk).map(parse),
    held(agent) {
      const row = held.get(agent);
      return micros(row === undefined ? 0n : big(row, "held"));
    },
    realise(id, realised) {
      realise.run(realised, id);
    },
    close(id, { at, by, exitPrice }) {
      close.run(at, by, exitPrice, id);
    },
  };
}

function values(position: Position): (string | number | bigint)[] {
  const { id, agent, symbol, side, quantity, entryPrice, liquidationPrice } = position;
  const { margin, leverage, fundingIndex } = position;
  const exposure = [quantity, entryPrice, liquidationPrice, margin, leverage, fundingIndex];
  return [id, agent, symbol, side, ...exposure];
}

function extreme(raw: DatabaseSync, which: "min" | "max"): StatementSync {
  const sql = `SELECT ${which}(risk) AS risk FROM position
    WHERE closed_at IS NULL AND symbol = ? AND side = ?`;
  return prepared(raw, sql);
}

function reached(raw: DatabaseSync, sign: ">=" | "<="): StatementSync {
  const sql = `SELECT * FROM position
    WHERE closed_at IS NULL AND symbol = ? AND side = ? AND risk ${sign} ? ORDER BY opened_at, id`;
  return prepared(raw, sql);
}

function parse(row: Row): Position {
  return {
    id: text(row, "id"),
    agent: text(row, "agent"),
    symbol: text(row, "symbol"),
    side: text(row, "side") as Side,
    quantity: big(row, "quantity"),
    entryPrice: micros(big(row, "entry_price")),
    liquidationPrice: micros(big(row, "liquidation_price")),
    margin: micros(big(row, "margin")),
    leverage: integer(row, "leverage"),
    fundingIndex: big(row, "funding_index"),
    openedAt: integer(row, "opened_at"),
    ref: optionalText(row, "ref"),
  };
}
