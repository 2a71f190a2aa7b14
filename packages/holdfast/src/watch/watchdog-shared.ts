// What the watchdog's two sides share.

/** Where each number of 32 bits stands. */
export const SHARED = { beats: 0, isPaused: 1, isOver: 2 } as const;

export interface WatchdogData {
  readonly shared: SharedArrayBuffer;
  readonly lookMs: number;
  readonly looksMax: number;
  /** The last words. */
  readonly says: string;
}
