// The position table.

import { micros } from "@holdfast/core";
import type { Position, Side } from "../trade/perpetual.ts";
import type { Database } from "./database.ts";

export interface PositionTable {
  insert(position: Position): void;
  get(id: string): (Position & { readonly closed: boolean }) | undefined;
  open(agent: string): readonly Position[];
  agentsWithOpen(): readonly string[];
  close(id: string, at: number, exitPrice: bigint, realised: bigint): void;
}

export function positionTable({ raw }: Database): PositionTable {
  const read = raw.prepare("SELECT * FROM position WHERE id = ?");
  read.setReadBigInts(true);
  const open = raw.prepare("SELECT * FROM position WHERE agent = ? AND closed_at IS NULL ORDER BY opened_at, id");
  open.setReadBigInts(true);
  return {
    insert(position) {
      raw
        .prepare(
          `INSERT INTO position (id, agent, symbol, side, quantity, entry_price, margin, leverage, opened_at, ref)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          position.id,
          position.agent,
          position.symbol,
          position.side,
          position.quantity,
          position.entryPrice,
          position.margin,
          position.leverage,
          position.openedAt,
          position.ref,
        );
    },
    get(id) {
      const found = read.get(id);
      return found === undefined ? undefined : { ...parse(found), closed: found["closed_at"] !== null };
    },
    open: (agent) => open.all(agent).map(parse),
    agentsWithOpen: () =>
      raw
        .prepare("SELECT DISTINCT agent FROM position WHERE closed_at IS NULL ORDER BY agent")
        .all()
        .map((found) => String(found["agent"])),
    close(id, at, exitPrice, realised) {
      raw.prepare("UPDATE position SET closed_at = ?, exit_price = ?, realised = ? WHERE id = ?").run(at, exitPrice, realised, id);
    },
  };
}

function parse(found: Record<string, unknown>): Position {
  return {
    id: String(found["id"]),
    agent: String(found["agent"]),
    symbol: String(found["symbol"]),
    side: found["side"] as Side,
    quantity: found["quantity"] as bigint,
    entryPrice: micros(found["entry_price"] as bigint),
    margin: micros(found["margin"] as bigint),
    leverage: Number(found["leverage"]),
    openedAt: Number(found["opened_at"]),
    ref: found["ref"] === null ? null : String(found["ref"]),
  };
}
