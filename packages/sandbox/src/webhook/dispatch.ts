// The seam for faults on delivery: what is really sent of a delivery that is due, and when.

/** An attempt that is about to be made. */
export interface Parcel {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly agent: string;
  readonly eventId: string;
  readonly type: string;
  /** From 1. */
  readonly attempt: number;
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly at: number;
}

/**
 * The waits, in milliseconds of the venue's clock, after which it is sent: `[0]` as it is, `[0, 0]` twice,
 * `[5_000]` later and so behind others, `[]` never, though the venue believes it was (lost on the way). What
 * the first of them is answered is noted; the others are copies that nobody waits for. Held in memory: a venue
 * that restarts sends what was under way anew.
 */
export type Dispatch = (parcel: Parcel) => readonly number[];

export const asItIs: Dispatch = () => [0];
