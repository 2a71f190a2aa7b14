// Orders as rows, resting and ended.

import { type Usdc, micros } from "@holdfast/core";
import type { Order, OrderStatus, OrderType, Watch } from "../trade/order.ts";
import type { Side } from "../trade/position.ts";
import type { Database } from "./database.ts";
import { type Row, big, integer, optionalBig, optionalText, prepared, text } from "./row.ts";

/** Prices at which orders are due. */
export interface Book {
  readonly ask: Usdc;
  readonly bid: Usdc;
  readonly mark: Usdc;
}

export interface OrderTable {
  insert(order: Order): void;
  get(id: string): Order | undefined;
  /** Writes down how far an order has come. */
  update(order: Order): void;
  /** An agent's orders, newest first; of one status where it is named. */
  list(agent: string, limit: number, status?: OrderStatus): readonly Order[];
  countOpen(agent: string): number;
  /** Open orders that may reduce this position only. */
  ofPosition(position: string): readonly Order[];
  /** The level of the open order of a pair that a price reaches first, by what it watches. */
  nearest(symbol: string, watch: Watch): Usdc | undefined;
  /** Open orders of a pair that are due at these prices and this instant, in the order of their placing. */
  due(symbol: string, book: Book, at: number): readonly Order[];
  /** Sum of what an agent's open orders have reserved. */
  reserved(agent: string): Usdc;
}

const NEAREST: Readonly<Record<Watch, "min" | "max">> = {
  "ask-below": "max",
  "mark-below": "max",
  "bid-above": "min",
  "mark-above": "min",
};

export function orderTable({ raw }: Database): OrderTable {
  const insert = raw.prepare(
    `INSERT INTO orders (id, number, agent, symbol, type, side, quantity, limit_price, trigger_price, leverage,
       reduce_only, reduces, key, ref, placed_at, watch, level, not_before, reserved, filled, filled_value, fees,
       position, status, reason, changed_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = raw.prepare(
    `UPDATE orders SET not_before = ?, reserved = ?, filled = ?, filled_value = ?, fees = ?, position = ?,
       status = ?, reason = ?, changed_at = ? WHERE id = ?`,
  );
  const get = prepared(raw, "SELECT * FROM orders WHERE id = ?");
  const list = prepared(
    raw,
    `SELECT * FROM orders WHERE agent = ?1 AND (?2 IS NULL OR status = ?2)
     ORDER BY number DESC LIMIT ?3`,
  );
  const countOpen = prepared(
    raw,
    "SELECT count(*) AS count FROM orders WHERE agent = ? AND status = 'open'",
  );
  const ofPosition = prepared(
    raw,
    "SELECT * FROM orders WHERE status = 'open' AND reduces = ? ORDER BY number",
  );
  const nearest = (["min", "max"] as const).map((which) =>
    prepared(
      raw,
      `SELECT ${which}(level) AS level FROM orders
       WHERE status = 'open' AND symbol = ? AND watch = ?`,
    ),
  );
  const reached = (watch: Watch, sign: "<=" | ">=", price: number): string =>
    `SELECT * FROM orders WHERE status = 'open' AND symbol = ?1 AND watch = '${watch}'
     AND level ${sign} ?${price} AND not_before <= ?5`;
  const due = prepared(
    raw,
    `${reached("ask-below", ">=", 2)} UNION ALL ${reached("bid-above", "<=", 3)}
     UNION ALL ${reached("mark-below", ">=", 4)} UNION ALL ${reached("mark-above", "<=", 4)}
     ORDER BY number`,
  );
  const reserved = prepared(
    raw,
    `SELECT coalesce(sum(reserved), 0) AS reserved FROM orders WHERE agent = ? AND status = 'open'`,
  );
  return {
    insert(order) {
      insert.run(...identity(order), ...progress(order));
    },
    get(id) {
      const row = get.get(id);
      return row === undefined ? undefined : parse(row);
    },
    update(order) {
      update.run(...progress(order), order.id);
    },
    list: (agent, limit, status) => list.all(agent, status ?? null, limit).map(parse),
    countOpen: (agent) => integer(countOpen.get(agent) ?? {}, "count"),
    ofPosition: (position) => ofPosition.all(position).map(parse),
    nearest(symbol, watch) {
      const row = nearest[NEAREST[watch] === "min" ? 0 : 1]?.get(symbol, watch) ?? {};
      const level = optionalBig(row, "level");
      return level === null ? undefined : micros(level);
    },
    due: (symbol, { ask, bid, mark }, at) => due.all(symbol, ask, bid, mark, at).map(parse),
    reserved: (agent) => micros(big(reserved.get(agent) ?? {}, "reserved")),
  };
}

type Value = string | number | bigint | null;

function identity(order: Order): Value[] {
  const { id, number, agent, symbol, type, side, quantity, limit, trigger, leverage } = order;
  const { reduceOnly, reduces, key, ref, placedAt, watch, level } = order;
  const names = [reduces, key, ref, placedAt, watch, level];
  const asked = [id, number, agent, symbol, type, side, quantity, limit, trigger, leverage];
  return [...asked, reduceOnly ? 1 : 0, ...names];
}

function progress(order: Order): Value[] {
  const { notBefore, reserved, filled, filledValue, fees, position } = order;
  const { status, reason, changedAt } = order;
  return [notBefore, reserved, filled, filledValue, fees, position, status, reason, changedAt];
}

function parse(row: Row): Order {
  const price = (column: string): Usdc | null => {
    const value = optionalBig(row, column);
    return value === null ? null : micros(value);
  };
  return {
    id: text(row, "id"),
    number: integer(row, "number"),
    agent: text(row, "agent"),
    symbol: text(row, "symbol"),
    type: text(row, "type") as OrderType,
    side: text(row, "side") as Side,
    quantity: big(row, "quantity"),
    limit: price("limit_price"),
    trigger: price("trigger_price"),
    leverage: integer(row, "leverage"),
    reduceOnly: integer(row, "reduce_only") === 1,
    reduces: optionalText(row, "reduces"),
    key: optionalText(row, "key"),
    ref: optionalText(row, "ref"),
    placedAt: integer(row, "placed_at"),
    watch: text(row, "watch") as Watch,
    level: micros(big(row, "level")),
    notBefore: integer(row, "not_before"),
    reserved: micros(big(row, "reserved")),
    filled: big(row, "filled"),
    filledValue: micros(big(row, "filled_value")),
    fees: micros(big(row, "fees")),
    position: optionalText(row, "position"),
    status: text(row, "status") as OrderStatus,
    reason: optionalText(row, "reason"),
    changedAt: integer(row, "changed_at"),
  };
}
