// How an embedded engine is opened.

import type { Clock, DeadLetterPage, Log, Provided } from "@holdfast/core";
import type { CrashPoints } from "./point.ts";
import type { Definition } from "./registry.ts";
import type { Durability } from "./store/database.ts";

/** Which venue a journal belongs to: paper never resumes as live, nor one venue as another. */
export interface VenueIdentity {
  readonly url: string;
  readonly mode: "paper" | "live";
  readonly instanceId: string;
}

export interface EngineOptions {
  /** File of the journal, or ":memory:". A lock file lies beside it. */
  readonly path: string;
  /** Workflows, and activities where their names should be checked too. */
  readonly definitions: readonly Definition[];
  readonly resources?: readonly Provided[];
  /** First part of every key, kept in the journal. Default: random, made when the journal is begun. */
  readonly namespace?: string;
  /** Default "full". */
  readonly durability?: Durability;
  readonly venue?: VenueIdentity;
  /** Largest size of the journal file in pages of 4 KiB; beyond it nothing is accepted. Default: the disk. */
  readonly journalPagesMax?: number;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Seed of jitter. Default: random. */
  readonly seed?: string;
  /** Makes run ids. Default: random UUIDs. */
  readonly newId?: () => string;
  readonly log?: Log;
  /** How long a run at rest stays in memory. Default 60 s; 0 evicts after every activation. */
  readonly evictAfterMs?: number;
  /** Runs at rest kept in memory. Default 10,000. */
  readonly cachedRuns?: number;
  /** Replays each activation at once and compares: shows what is not deterministic. For tests and `dev`. */
  readonly shadowReplay?: boolean;
  /** History entries from which `ctx.loop` continues as new. Default 4,096. */
  readonly historySuggest?: number;
  /** Told after each commit that has changed the dead letters: how many there are, and the newest ten. */
  readonly onDeadLetters?: ((page: DeadLetterPage) => void) | undefined;
  /** Called at named race windows; a test may crash there. */
  readonly point?: CrashPoints;
}

/** How long a run at rest stays in memory by default. */
export const EVICT_AFTER_MS = 60_000;
/** Runs at rest kept in memory by default. */
export const CACHED_RUNS = 10_000;
/** Timers further away than this are not held in memory. */
export const TIMER_WINDOW_MS = 3_600_000;
/** How long the engine waits before it opens its file again after an error of the disk. */
export const REOPEN_AFTER_MS = 1_000;
