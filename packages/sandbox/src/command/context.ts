// What an operation works with: the open transaction, the instant, and the number of its command.

import type { Ledger } from "../ledger/ledger.ts";
import type { Market } from "../market/market.ts";
import type { Database } from "../store/database.ts";
import type { Usdc } from "@holdfast/core";

export interface Context {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly market: Market;
  readonly at: number;
  readonly command: number;
  readonly agent: string;
  readonly ref: string | undefined;
  /** What a registration gives. */
  readonly grant: Usdc;
  readonly newId: (prefix: string) => string;
  readonly newSecret: () => string;
}
