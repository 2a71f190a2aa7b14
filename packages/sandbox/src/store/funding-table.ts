// The funding index of each market, as it stood at an hour.

import type { Database } from "./database.ts";
import { big, integer, prepared } from "./row.ts";

export interface FundingMark {
  /** Hours since the epoch. */
  readonly hour: number;
  readonly value: bigint;
}

export interface FundingTable {
  get(symbol: string): FundingMark | undefined;
  set(symbol: string, mark: FundingMark): void;
}

export function fundingTable({ raw }: Database): FundingTable {
  const get = prepared(raw, "SELECT hour, value FROM funding WHERE symbol = ?");
  const set = raw.prepare("INSERT OR REPLACE INTO funding (symbol, hour, value) VALUES (?, ?, ?)");
  return {
    get(symbol) {
      const row = get.get(symbol);
      if (row === undefined) return undefined;
      return { hour: integer(row, "hour"), value: big(row, "value") };
    },
    set(symbol, { hour, value }) {
      set.run(symbol, hour, value);
    },
  };
}
