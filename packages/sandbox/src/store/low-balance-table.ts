// Below which spendable balance an agent is told, and whether it has been.

import { type Usdc, micros } from "@holdfast/core";
import type { Database } from "./database.ts";
import { big, integer, prepared } from "./row.ts";

export interface LowBalance {
  readonly threshold: Usdc;
  /** True from the fall until the balance has recovered. */
  readonly isLow: boolean;
}

export interface LowBalanceTable {
  get(agent: string): LowBalance | undefined;
  set(agent: string, lowBalance: LowBalance): void;
  remove(agent: string): void;
}

export function lowBalanceTable({ raw }: Database): LowBalanceTable {
  const get = prepared(raw, "SELECT threshold, is_low FROM low_balance WHERE agent = ?");
  const set = raw.prepare(
    "INSERT OR REPLACE INTO low_balance (agent, threshold, is_low) VALUES (?, ?, ?)",
  );
  const remove = raw.prepare("DELETE FROM low_balance WHERE agent = ?");
  return {
    get(agent) {
      const row = get.get(agent);
      if (row === undefined) return undefined;
      return { threshold: micros(big(row, "threshold")), isLow: integer(row, "is_low") === 1 };
    },
    set(agent, { threshold, isLow }) {
      set.run(agent, threshold, isLow ? 1 : 0);
    },
    remove(agent) {
      remove.run(agent);
    },
  };
}
