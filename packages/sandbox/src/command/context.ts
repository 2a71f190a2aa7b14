// What an operation works with, within one open transaction: the store, the instant, and who asks.

import type { Usdc } from "@holdfast/core";
import type { Ledger } from "../ledger/ledger.ts";
import type { Market } from "../market/market.ts";
import type { Store } from "../store/store.ts";
import type { FundingIndex } from "../trade/funding.ts";
import type { TradeRules } from "../trade/rules.ts";
import type { Fate } from "./fate.ts";
import type { Identities } from "./identity.ts";
import type { Terms } from "./terms.ts";

/** What an operation of a caller works with. */
export interface Context {
  readonly store: Store;
  readonly ledger: Ledger;
  readonly market: Market;
  readonly identities: Identities;
  readonly funding: FundingIndex;
  readonly rules: TradeRules;
  readonly terms: Terms;
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly at: number;
  /** Number of the command that is carried out. */
  readonly command: number;
  readonly agent: string;
  readonly key: string | undefined;
  readonly ref: string | undefined;
  /** What the venue does to an order of its own will. */
  readonly fate?: Fate | undefined;
  /** What a registration gives. */
  readonly grant: Usdc;
}

/** What the venue works with when nobody asks. */
export type OwnContext = Omit<Context, "command" | "agent" | "key" | "ref" | "fate">;
