// What a venue does to an order of its own will: decided before the transaction that carries the order out, and
// passed with its sender. Nothing of it is by the market's rules.

export interface Fate {
  /** Only this share of what would fill at once is filled, between 0 and 1. */
  readonly share?: number;
  /** The venue refuses, and says this. */
  readonly reject?: string;
  /** The cancelling is confirmed, and so many milliseconds later the order is filled all the same. */
  readonly fillAfterCancelMs?: number;
}
