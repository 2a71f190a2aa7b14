// Intents: every decided effect with money has a row before its first attempt, and for ever after.

/** How an intent stands. `open` may have been sent; `in-doubt` was, and its outcome is unknown. */
export type IntentState = "open" | "in-doubt" | "done" | "refused";

export interface Intent {
  readonly key: string;
  readonly ref: string;
  readonly account: string;
  readonly activity: string;
  /** Names of the venues the activity uses, joined by commas. */
  readonly venue: string;
  /** SHA-256 of the encoded input: another body under an existing key is never sent. */
  readonly fingerprint: string;
  readonly state: IntentState;
  readonly recordedAt: number;
  readonly settledAt: number | undefined;
}
