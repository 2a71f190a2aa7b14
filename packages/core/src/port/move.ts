// How runs leave one engine for another: the one that they leave takes no new starts, closes each run at the end of
// a pass of its loop, and keeps what the next generation begins with until the other engine has it.

import type { Tags } from "../workflow/note.ts";
import type { DrainRequest, RunStatus } from "./engine.ts";
import type { MovedBook } from "./guard.ts";
import type { CarriedSignal, Encoded } from "./history.ts";
import type { StoredIntent } from "./intent.ts";

/** That an engine takes no new starts. */
export interface Drained extends Pick<DrainRequest, "actor" | "reason"> {
  readonly since: number;
  readonly move: boolean;
  readonly stay: Readonly<Record<string, string>>;
  readonly except: readonly string[];
}

/** A run between two engines: closed at one, and what the other begins it with. */
export interface LeavingRun {
  readonly id: string;
  /** Of the generation that was closed. */
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  /** First part of its keys. */
  readonly namespace: string;
  readonly root: string;
  /** The one that is to begin. */
  readonly generation: number;
  readonly input: Encoded;
  readonly loop?: Encoded | undefined;
  readonly tags?: Tags | undefined;
  readonly memo?: Encoded | undefined;
  readonly signals?: readonly CarriedSignal[] | undefined;
  /** When it was closed. */
  readonly leftAt: number;
  readonly step: "waiting" | "sent";
}

/** An open run of an engine that is to be left. */
export interface StayingRun {
  readonly id: string;
  readonly workflow: string;
  readonly account: string;
  readonly status: RunStatus;
  readonly generation: number;
  readonly startedAt: number;
  readonly wakeAt: number | undefined;
  /** Why it does not leave as it stands; empty where it leaves at the end of its loop's pass. */
  readonly stays: readonly string[];
}

export interface DrainReport {
  /** First part of the keys of this engine. */
  readonly namespace: string;
  readonly drained: Drained | undefined;
  /** The newest first, at most 1,000. */
  readonly open: readonly StayingRun[];
  /** All that are open. */
  readonly total: number;
  readonly leaving: readonly LeavingRun[];
}

/** Takes runs over from another engine. */
export interface Receiver extends AsyncDisposable {
  /** Says which engine it is. */
  readonly name: string;
  /** Why no run can come; empty where they can. */
  refusals(namespace: string): Promise<readonly string[]>;
  /** Why this run cannot come; empty where it can. */
  refusalsOf(
    run: Pick<LeavingRun, "id" | "workflow" | "account"> & Partial<LeavingRun>,
  ): Promise<readonly string[]>;
  /** Takes over what is known of effects; gives how many were new. */
  adopt(intents: readonly StoredIntent[]): Promise<number>;
  /**
   * Takes over a page of what the guard has counted and of who is halted; gives how many effects were new. Its modes
   * are in force when this is fulfilled. Repeated, it changes nothing, and puts on nothing that a person has lifted.
   */
  adoptBook(book: MovedBook): Promise<number>;
  /** Begins a run where its last generation ended; once, however often it is asked. Gives its run id. */
  begin(run: LeavingRun): Promise<string>;
}
