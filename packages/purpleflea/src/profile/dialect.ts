// How another venue spells the client's operations: its paths, its bodies, its answers, its errors. The client has
// one spelling; a dialect stands between it and the wire.

import type { z } from "zod";

/** A request in the client's own spelling. */
export interface Asked {
  /** With what is asked for after the question mark; begins with `/@host` where it is not the main host. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The caller's agent id at the venue, where it is known. */
  readonly agentId: string | undefined;
}

/** An answer as it came. */
export interface Answered {
  readonly body: unknown;
  /** The same, with each JSON number as the text of its digits: what amounts are read from. */
  readonly digits: unknown;
}

/** One operation in the venue's spelling. */
export interface DialectCall {
  readonly path: (asked: Asked) => string;
  /** Default: the client's own. */
  readonly body?: (asked: Asked) => Readonly<Record<string, unknown>>;
  /** The answer in the client's spelling, to be parsed by its schema; what it throws makes it unreadable. */
  readonly answer: (answered: Answered, asked: Asked) => unknown;
}

export interface Dialect {
  /** Undefined for what the venue cannot do. */
  readonly call: (operation: string) => DialectCall | undefined;
  /** Error codes after which a write may have happened, whatever the status. */
  readonly doubtful: ReadonlySet<string>;
  /** What an account's own records say; absent where the venue has none that tell one write from another. */
  readonly records?: (read: ReadRaw) => Promise<Records>;
  /** A pair as the records spell it, however a caller does. */
  readonly symbol?: (symbol: string) => string;
}

/** Reads a path of the venue's own. */
export type ReadRaw = <Schema extends z.ZodType>(
  path: string,
  schema: Schema,
) => Promise<z.output<Schema>>;

/** An account's records at a venue without keys: what is different before and after a write tells what it did. */
export interface Records {
  /** Open and closed ones, newest first: the newest `limit`. */
  readonly positions: readonly PositionRecord[];
  /** Newest first: the newest `limit`. */
  readonly trades: readonly TradeRecord[];
  /** So many of each kind are listed at most. */
  readonly limits: { readonly positions: number; readonly trades: number };
  /** By symbol, what is held at the exchange behind the venue: text that differs after any trade of the symbol. */
  readonly exposure: Readonly<Record<string, string>>;
}

export interface PositionRecord {
  readonly id: string;
  /** "BTC-PERP". */
  readonly symbol: string;
  readonly side: "long" | "short";
  readonly status: "open" | "closed" | "liquidated";
  /** Amounts are micro-USDC in text, as on the wire. */
  readonly sizeMicros: string;
  readonly entryPriceMicros: string;
  readonly marginMicros: string;
  readonly liquidationPriceMicros: string | undefined;
  readonly realisedMicros: string;
  readonly leverage: number;
  /** Milliseconds since the epoch, on the venue's clock, to the second. */
  readonly openedAt: number;
}

export interface TradeRecord {
  readonly id: string;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly sizeMicros: string;
  readonly priceMicros: string;
  readonly feeMicros: string;
  readonly realisedMicros: string;
  readonly at: number;
}
