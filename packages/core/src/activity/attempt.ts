// What one attempt of one call is known by.

import type { Log } from "../base/log.ts";
import type { Effect } from "./effect.ts";

/** What binds a client to one attempt of one call. */
export interface AttemptBinding {
  readonly key: string;
  readonly ref: string;
  readonly account: string;
  readonly effect: Effect;
  /** Attempt number, from 1. */
  readonly attempt: number;
  /** Milliseconds since the epoch of the first send of this call; undefined before it. */
  readonly firstSentAt: number | undefined;
  readonly signal: AbortSignal;
  /** The engine's clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Where the client says that the venue asks for patience: see the context of activities. */
  readonly rest?: (ms: number) => void;
  /** Where the client says what is worth a look. */
  readonly log?: Log;
}
