// Positions as rows, open and closed.

import { type Usdc, micros } from "@holdfast/core";
import type { ClosedBy, Position, Side } from "../trade/position.ts";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalText, prepared, text } from "./row.ts";

export interface PositionTable {
  insert(position: Position): void;
  get(id: string): { readonly position: Position; readonly closedBy: string | null } | undefined;
  /** An agent's open positions, oldest first. */
  open(agent: string): readonly Position[];
  /** Open positions in a pair whose liquidation price the mark has reached. Cheap, however many are open. */
  reached(agent: string, symbol: string, mark: Usdc): readonly Position[];
  /** Sum of the margins of an agent's open positions. */
  held(agent: string): Usdc;
  agentsWithOpen(): readonly string[];
  close(id: string, closing: Closing): void;
}

export interface Closing {
  readonly at: number;
  readonly by: ClosedBy;
  readonly exitPrice: Usdc;
  readonly realised: Usdc;
}

export function positionTable({ raw }: Database): PositionTable {
  const insert = raw.prepare(
    `INSERT INTO position (id, agent, symbol, side, quantity, entry_price, liquidation_price, margin,
       leverage, opened_at, ref)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const get = prepared(raw, "SELECT * FROM position WHERE id = ?");
  const open = prepared(
    raw,
    "SELECT * FROM position WHERE agent = ? AND closed_at IS NULL ORDER BY opened_at, id",
  );
  const reached = prepared(
    raw,
    `SELECT * FROM position WHERE closed_at IS NULL AND agent = ?1 AND symbol = ?2
       AND side = 'long' AND liquidation_price >= ?3
     UNION ALL SELECT * FROM position WHERE closed_at IS NULL AND agent = ?1 AND symbol = ?2
       AND side = 'short' AND liquidation_price <= ?3
     ORDER BY opened_at, id`,
  );
  const held = prepared(
    raw,
    "SELECT coalesce(sum(margin), 0) AS held FROM position WHERE agent = ? AND closed_at IS NULL",
  );
  const agents = prepared(
    raw,
    "SELECT DISTINCT agent FROM position WHERE closed_at IS NULL ORDER BY agent",
  );
  const close = raw.prepare(
    "UPDATE position SET closed_at = ?, closed_by = ?, exit_price = ?, realised = ? WHERE id = ?",
  );
  return {
    insert(position) {
      insert.run(
        position.id,
        position.agent,
        position.symbol,
        position.side,
        position.quantity,
        position.entryPrice,
        position.liquidationPrice,
        position.margin,
        position.leverage,
        position.openedAt,
        position.ref,
      );
    },
    get(id) {
      const row = get.get(id);
      if (row === undefined) return undefined;
      return { position: parse(row), closedBy: optionalText(row, "closed_by") };
    },
    open: (agent) => open.all(agent).map(parse),
    reached: (agent, symbol, mark) => reached.all(agent, symbol, mark).map(parse),
    held(agent) {
      const row = held.get(agent);
      return micros(row === undefined ? 0n : big(row, "held"));
    },
    agentsWithOpen: () => agents.all().map((row) => text(row, "agent")),
    close(id, { at, by, exitPrice, realised }) {
      close.run(at, by, exitPrice, realised, id);
    },
  };
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
    openedAt: integer(row, "opened_at"),
    ref: optionalText(row, "ref"),
  };
}
