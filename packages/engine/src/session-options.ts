// What a session is opened with, beyond the journal itself.

import type {
  Clock,
  DeadLetterPage,
  GuardPolicy,
  HoldfastError,
  Log,
  ModeChange,
  OnBreaker,
  PoliciesOptions,
  Random,
  Resource,
  RunResult,
  UpdateResult,
  VenueCapabilities,
} from "@holdfast/core";
import type { MakeGate } from "./call/gate.ts";
import type { LostTime } from "./lost-time.ts";
import type { Draining } from "./move/draining.ts";
import type { Ownership } from "./ownership.ts";
import type { CrashPoints } from "./point.ts";
import type { Registry } from "./registry.ts";
import type { LiveRunsOptions } from "./run/live-runs.ts";
import type { Store } from "./store/store.ts";
import type { Planner } from "./writer/draft.ts";

export interface SessionOptions extends LiveRunsOptions {
  readonly store: Store;
  readonly ownership: Ownership;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly namespace: string;
  readonly newId: () => string;
  readonly shadowReplay: boolean;
  readonly historySuggest: number;
  readonly draining: Draining;
  readonly point: CrashPoints;
  readonly raw: (resource: Resource, account: string) => unknown;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly gates: readonly MakeGate[];
  readonly guard: GuardPolicy | undefined;
  readonly onModes: ((changes: readonly ModeChange[]) => void) | undefined;
  readonly policies: PoliciesOptions | undefined;
  readonly onBreaker?: OnBreaker | undefined;
  readonly lost: LostTime | undefined;
  /** Why no run may begin now. */
  readonly held: Planner["held"];
  /** Tells who waits for the outcome of a chain. */
  readonly onClosed: (id: string, result: RunResult) => void;
  /** Tells who waits for the answer of an update. */
  readonly onUpdated: (requestId: string, result: UpdateResult) => void;
  readonly onDeadLetters: ((page: DeadLetterPage) => void) | undefined;
  /** The disk failed: this session is over. */
  readonly onFailed: (error: HoldfastError) => void;
}
