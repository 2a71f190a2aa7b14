// How an embedded engine is opened.

import type {
  Clock,
  DeadLetterPage,
  GuardPolicy,
  Load,
  Log,
  ModeChange,
  OnBreaker,
  PoliciesOptions,
  Provided,
} from "@holdfast/core";
import type { MakeGate } from "./call/gate.ts";
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
  /** What agents may do. Default: modes alone bound them. */
  readonly guard?: GuardPolicy | undefined;
  /** Told after each commit that has changed modes. */
  readonly onModes?: ((changes: readonly ModeChange[]) => void) | undefined;
  /** Told after each commit that has changed the dead letters: how many there are, and the newest ten. */
  readonly onDeadLetters?: ((page: DeadLetterPage) => void) | undefined;
  /** How calls to venues are held back, by the venue's name: `{}` for the defaults. Absent: they are not. */
  readonly policies?: PoliciesOptions | undefined;
  /** Told of each change of a breaker once it is on disk. */
  readonly onBreaker?: OnBreaker | undefined;
  /** Says when no run may begin and whose attempts wait, because the process has more to do than it can. */
  readonly load?: Load | undefined;
  /** What may hold calls back before their attempts, in order. Made anew when the file is opened again. */
  readonly gates?: readonly MakeGate[] | undefined;
  /** Called at named race windows; a test may crash there. */
  readonly point?: CrashPoints;
}

/** How long a run at rest stays in memory by default. */
export const EVICT_AFTER_MS = 60_000;
/** Runs at rest kept in memory by default. */
export const CACHED_RUNS = 10_000;
/** Runs that are woken in one turn at most: others are not kept waiting by a million that are overdue. */
export const DUE_MAX = 256;
/** How long before they are due runs are brought back to memory, in milliseconds. */
export const AHEAD_MS = 1_000;
/** Runs that are brought back so in one turn at most. */
export const AHEAD_MAX = 128;
/** History entries that are replayed in one turn, from which no more runs are brought back in it: some 10 ms. */
export const REPLAY_MAX = 4_096;
/** A run that sleeps for longer than this, in milliseconds, leaves memory at once where it is cheap to bring back. */
export const NAP_MS = 2_000;
/** History entries up to which a run is cheap to bring back. */
export const CHEAP_ENTRIES = 32;
/** How long the engine waits before it opens its file again after an error of the disk. */
export const REOPEN_AFTER_MS = 1_000;
