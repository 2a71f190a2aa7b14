// The invariants by their names. Each may be broken in several ways, and says how.

export type Rule =
  /** An acknowledged start, signal or update is never lost, and delivered once. */
  | "acknowledged once"
  /** A result that was told stays what it is. */
  | "told result"
  /** Every effect in the venue's ledger was decided on disk before, with an equal body. */
  | "decided before"
  /** Each ref and each key has at most one effect. */
  | "one effect"
  /** Every call that is done has its effect, and receipts add up per agent. */
  | "done has its effect"
  /** The run's row is the fold of its journal. */
  | "row = fold"
  /** No open run is without a reason to wake. */
  | "reason to wake"
  /** `ctx.now` never goes back. */
  | "time"
  /** Of the runs of one id, at most the last is open. */
  | "one open run of an id"
  /** Nothing is seen outside that is not on disk. */
  | "seen before it was on disk"
  | "one owner at most"
  /** The engine never meets a bug of its own. */
  | "no bug of its own"
  /** Replay of every journal gives its commands. */
  | "replay"
  /** Memory of runs that are gone is given back. */
  | "memory"
  /** The ledger sums to zero, and the venue's own invariants hold. */
  | "ledger";

export interface Broken {
  readonly rule: Rule;
  readonly what: string;
}
