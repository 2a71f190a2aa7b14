// What client, worker and workflow say to each other beside the values of users: names, envelopes, and what
// stands in the details of a failure. It imports nothing that is not fit for a sandbox.

import type {
  Encoded,
  Failure,
  ListedEntry,
  PendingCall,
  Resolution,
  RunStatus,
  Tags,
  Standstill,
} from "@holdfast/core";
import type { Origin } from "@holdfast/engine/workflow-side";

/** What a run begins with beside its input: the second argument of the workflow. */
export interface TemporalOrigin extends Origin {
  /** What stands before each id of the project on a server that several projects share. */
  readonly prefix?: string | undefined;
  /** Present where time is held: it stands at this instant until a message brings a later one. */
  readonly heldAt?: number | undefined;
  /** True where it was started at a server, and not exported from a journal: calls may have several activities. */
  readonly served?: boolean | undefined;
  /** History entries from which continuing as new is suggested. Default: the server says so. */
  readonly suggestAt?: number | undefined;
}

/** Told to the attempts of a call, in the headers of its activity. */
export interface CallEnvelope {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  readonly namespace: string;
  readonly root: string;
  readonly generation: number;
  readonly parent?: string | undefined;
  readonly call: number;
  readonly key?: string | undefined;
  readonly ref?: string | undefined;
  readonly ordinal?: number | undefined;
  readonly totalMs: number;
  readonly scheduledAt: number;
  readonly held: boolean;
  /** Present where it was scheduled before: why again, and not before when. */
  readonly again?: CallAgain | undefined;
}

export interface CallAgain {
  /** It is not to be sent any more; what was sent is followed up. */
  readonly cancelled: boolean;
  /** A person allowed it to be sent again. */
  readonly resent: boolean;
  readonly notBefore?: number | undefined;
  /** What somebody outside said of it: judged like the failure of an attempt. */
  readonly told?: Failure | undefined;
  /** A person let it out of quarantine: it runs alone. */
  readonly suspect?: boolean | undefined;
  /** What the attempts before left. */
  readonly begun?: number | undefined;
  readonly details?: Encoded | undefined;
}

export const ENVELOPE_HEADER = "holdfast-call";

/** The local activity that looks at what a run hands to another one before it leaves. */
export const HAND_OVER = "holdfast.hand-over";

export type HandOver =
  | { readonly kind: "child"; readonly workflow: string; readonly input: Encoded }
  | {
      readonly kind: "signal";
      readonly to: string;
      readonly name: string;
      readonly payload: Encoded;
    }
  | { readonly kind: "cancel"; readonly to: string };

/** Stands behind the failure in the details of an activity's failure. */
export interface Judgement {
  readonly verdict: "fail" | "doubt" | "quarantine" | "asked" | "retry" | "reconcile" | "later";
  /** When it goes on. */
  readonly at?: number | undefined;
  /** The instant of the worker, where time is held. */
  readonly now?: number | undefined;
  /** What the attempts have left, where none comes until a person has decided. */
  readonly begun?: number | undefined;
  readonly details?: Encoded | undefined;
}

/** What a validator refused, told apart from an update that failed. */
export const REFUSED = "refused";

/** Messages of ours, each beside those that users declare. */
export const SYSTEM = {
  /** Query: how the run stands. */
  state: "holdfast.state",
  /** Query: a part of the journal. */
  journal: "holdfast.journal",
  /** Query: a query of the user's, whose failure keeps its code. */
  ask: "holdfast.ask",
  /** Update: a person's word on a call in doubt. */
  resolve: "holdfast.resolve",
  /** Update: what somebody outside says of a call. */
  complete: "holdfast.complete",
  /** Update: whoever has a call elsewhere is alive. */
  beat: "holdfast.beat",
  /** Signal: time has gone on, where it is held. */
  time: "holdfast.time",
} as const;

export interface ResolveCall {
  readonly key: string;
  readonly resolution: Resolution;
  readonly actor: string;
  readonly reason: string;
  /** True where it is the answer to what the guard has asked. */
  readonly approval?: boolean | undefined;
}

export interface CompleteCall {
  readonly call: number;
  readonly key: string;
  /** What its attempts left at the server, for the next one. */
  readonly begun?: number | undefined;
  readonly details?: Encoded | undefined;
  readonly outcome:
    | { readonly kind: "done"; readonly output: Encoded }
    | { readonly kind: "failed"; readonly failure: Failure };
}

export interface BeatCall {
  readonly call: number;
  readonly key: string;
  readonly details?: Encoded | undefined;
}

/** The last heartbeat from outside. */
export interface Beat {
  readonly at: number;
  readonly details?: Encoded | undefined;
}

/** Why a call waits for a person. */
export interface Parked {
  readonly kind: Standstill;
  readonly failure: Failure;
}

/** A call that has no outcome, as its run knows it. */
export type OpenCall = Pick<
  PendingCall,
  "call" | "activity" | "effect" | "key" | "ref" | "scheduledAt" | "deadlineAt"
> & {
  readonly parked: Parked | undefined;
  readonly beat: Beat | undefined;
  /** Somebody outside said that it failed, and no attempt has come since. */
  readonly told: boolean;
};

/** The id of a call's activity at the server, as the SDK would count it, and how often it was scheduled before. */
export function activityIdOf(call: number, before: number): string {
  return before === 0 ? String(call + 1) : `${call + 1}.${before}`;
}

export function callOf(activityId: string): number {
  return Number.parseInt(activityId, 10) - 1;
}

export interface RunState {
  readonly status: RunStatus;
  readonly wakeAt: number | undefined;
  readonly length: number;
  readonly cancelRequested: boolean;
  readonly root: string;
  readonly generation: number;
  readonly account: string;
  readonly parent: string | undefined;
  readonly tags: Tags;
  readonly memo: Encoded | undefined;
  readonly input: Encoded;
  readonly problem: Failure | undefined;
  readonly calls: readonly OpenCall[];
  readonly lastAt: number;
}

export interface JournalPart {
  readonly entries: readonly ListedEntry[];
  /** For each entry, how many events the server's history had when it came about. */
  readonly events: readonly number[];
  readonly next: number | undefined;
}

/** Entries of one part of a journal. */
export const JOURNAL_PART = 1_000;

/** What list and dead letters look for, as search attributes of the server, by type. */
export const ATTRIBUTES = {
  HoldfastAccount: "KEYWORD",
  HoldfastParent: "KEYWORD",
  /** Present while the run stands for a person: "in-doubt", "quarantined" or "awaiting-approval". */
  HoldfastStatus: "KEYWORD",
  HoldfastTags: "KEYWORD_LIST",
} as const;

/** What a list shows of a run without asking it, in the server's memo. */
export interface RunMemo {
  readonly account: string;
  readonly root: string;
  readonly generation: number;
  readonly parent?: string | undefined;
  readonly tags?: Tags | undefined;
}

export function memoOf({ account, root, generation, parent, tags }: Origin): {
  readonly holdfast: RunMemo;
} {
  return {
    holdfast: {
      account,
      root,
      generation,
      ...(parent === undefined ? {} : { parent }),
      ...(tags === undefined ? {} : { tags }),
    },
  };
}

/** How long the server hears nothing of an attempt before it gives it to another worker. */
export const LOST_AFTER_MS = 10_000;
export const LOST_AFTER_HELD_MS = 1_000;
