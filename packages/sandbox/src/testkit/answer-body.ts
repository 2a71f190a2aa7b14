// What the tests read of answers. Every field is said to be there: one that is not fails the assertion on it.

import type { Audit } from "../audit/audit.ts";
import type { ArmedFault } from "../fault/faults.ts";

interface Transaction {
  readonly kind: string;
  readonly date: string;
  readonly outcome: string;
  readonly amount_micros: string;
}

interface Position {
  readonly position_id: string;
  readonly ref: string | null;
  readonly unrealized_pnl: number;
}

/** Every field of every answer, in one loose shape. */
export interface AnswerBody extends Audit {
  readonly agent_id: string;
  readonly amount: number;
  readonly api_key: string;
  readonly asset: string;
  readonly balances: readonly { readonly chain: string }[];
  readonly btc: number;
  readonly closed: readonly unknown[];
  readonly code: string;
  readonly drawdown_fraction: number;
  readonly drawdown_pct: number;
  readonly drawdown_percent: number;
  readonly entry_price: number;
  readonly errors: readonly unknown[];
  readonly faults: readonly ArmedFault[];
  readonly fees_paid: number;
  readonly held: readonly { readonly until: number }[];
  readonly liquidation_price: number;
  readonly next: number | null;
  readonly next_claim_at: string;
  readonly now: number;
  readonly operation: string;
  readonly order_id: string;
  readonly pair: string;
  readonly pairs: readonly { readonly symbol: string }[];
  readonly position_id: string;
  readonly positions: readonly Position[];
  readonly problems: readonly string[];
  readonly quantity: string;
  readonly realised_pnl_usdc: number;
  readonly realized_pnl: number;
  readonly side: string;
  readonly size_usd: number;
  readonly state: string;
  readonly status: number;
  readonly symbol: string;
  readonly total_exposure: number;
  readonly transactions: readonly Transaction[];
  readonly ts: number;
  readonly tx_hash: string;
  readonly usdc: number;
  readonly usdc_micros: string;
}
