// The Engine port: what executes runs. It is small; everything else lowers onto it. The embedded engine and
// the Temporal adapter implement it, and one contract suite says what it means.

import type { Effect } from "../activity/effect.ts";
import type { Failure, FailureClass } from "../base/error.ts";
import type { BreakerState } from "../policy/breaker.ts";
import type { Tags } from "../workflow/note.ts";
import type { BreakerRequest } from "./breaker.ts";
import type { ApprovalAnswer } from "./guard.ts";
import type { Encoded, ListedEntry, Standstill } from "./history.ts";

/** How a run stands. The closed ones are final. */
export type RunStatus =
  | "running"
  /** The function has ended, but an open money call is waited for. */
  | "closing"
  /** Nothing else can move until an effect of unknown outcome is settled. */
  | "in-doubt"
  /** Nothing else can move until somebody looks at a call that takes the process down with it. */
  | "quarantined"
  /** Nothing else can move until somebody answers what the guard asks. */
  | "awaiting-approval"
  /** The code does not fit the journal; waits for code that does. */
  | "stuck"
  | "completed"
  | "failed"
  | "cancelled"
  | "terminated"
  | "continued";

/** Those of a call that only a person moves. */
export const STANDSTILLS: readonly Standstill[] = ["in-doubt", "quarantined", "awaiting-approval"];

/** Whether a status, of a run or of a call, says that only a person moves it. */
export function isStandstill(status: string | undefined): status is Standstill {
  return STANDSTILLS.some((known) => known === status);
}

export const CLOSED_STATUSES: readonly RunStatus[] = [
  "completed",
  "failed",
  "cancelled",
  "terminated",
  "continued",
];

export interface StartRequest {
  readonly workflow: string;
  /** Parsed by the caller and encoded. */
  readonly input: Encoded;
  readonly id: string;
  readonly account: string;
  /** The request's own id: repeated, it is one start. */
  readonly requestId: string;
  /** When a run with this id is open. Default "attach". */
  readonly onOpen?: "attach" | "fail" | "replace" | undefined;
  /** When the last run with this id is closed. Default "fail". */
  readonly onClosed?: "fail" | "attach" | "restart-failed" | "restart" | undefined;
  /** Where a run is replaced or an id reused: finish what is missing, or act anew. Never guessed. */
  readonly effects?: "continue" | "again" | undefined;
  /** First activation not before so many milliseconds. */
  readonly delayMs?: number | undefined;
  readonly tags?: Tags | undefined;
  readonly memo?: Encoded | undefined;
}

export interface Started {
  readonly runId: string;
  /** False when the request attached to a run that existed. */
  readonly created: boolean;
}

export interface SignalRequest {
  readonly id: string;
  readonly signal: string;
  readonly payload: Encoded;
  /** Made by the sender before its first try: the same id is one delivery. */
  readonly requestId: string;
}

export interface UpdateRequest {
  readonly id: string;
  readonly update: string;
  readonly input: Encoded;
  /** Made by the sender before its first try: the same id is one delivery and one answer. */
  readonly requestId: string;
}

/** What became of an accepted update. */
export type UpdateResult =
  | { readonly kind: "done"; readonly output: Encoded }
  | { readonly kind: "failed"; readonly failure: Failure };

/** How an effect in doubt is settled. */
export type Resolution =
  | { readonly kind: "done"; readonly output: Encoded }
  | { readonly kind: "not-done"; readonly failure?: Failure | undefined }
  | { readonly kind: "resend" };

export interface ResolveRequest {
  readonly id: string;
  readonly key: string;
  readonly resolution: Resolution;
  /** Who decided, and why: audited. */
  readonly actor: string;
  readonly reason: string;
  readonly requestId: string;
}

/** A decision of a person about a run among the dead letters: audited. */
export interface DeadLetterRequest {
  readonly id: string;
  readonly actor: string;
  readonly reason: string;
  readonly requestId: string;
}

/** What somebody outside says about a call whose activity returned `a.completeLater()`. */
export interface CompleteRequest {
  /** From `a.token`: names the call and allows to decide it. */
  readonly token: string;
  /** An output is parsed by the activity's schema. A failure is retried by the activity's rules. */
  readonly outcome:
    | { readonly kind: "done"; readonly output: Encoded }
    | { readonly kind: "failed"; readonly failure: Failure };
  /** Made by the sender before its first try: the same id is one delivery. */
  readonly requestId: string;
}

/** That an engine is to be left for another one, or is not. */
export interface DrainRequest {
  /** False takes starts again, and takes back what has left and was not sent. */
  readonly on: boolean;
  /** Runs leave at the end of a pass of `ctx.loop`. Default: they go on here until they end. */
  readonly move?: boolean | undefined;
  /** Runs that do not leave, by workflow id, and why. */
  readonly stay?: Readonly<Record<string, string>> | undefined;
  /** Names of workflows that may begin all the same, such as those that tell people of the others. */
  readonly except?: readonly string[] | undefined;
  /** Who decided, and why: audited. */
  readonly actor: string;
  readonly reason: string;
}

/** What became of a run that has left. */
export interface MovingRequest {
  /** Of the generation that was closed. */
  readonly runId: string;
  /** `sent`: the other engine will be asked to begin it, so that it is not taken back. `begun`: it has begun there. */
  readonly step: "sent" | "begun";
}

/** One step for the writer. All operations of one `apply` share one commit. */
export type Operation =
  | ({ readonly kind: "start" } & StartRequest)
  | ({ readonly kind: "signal" } & SignalRequest)
  /** Accepted or refused by the run's own code; its answer is asked for with `updated`. */
  | ({ readonly kind: "update" } & UpdateRequest)
  | {
      readonly kind: "cancel";
      readonly id: string;
      readonly reason: string;
      readonly requestId: string;
    }
  | { readonly kind: "terminate"; readonly id: string; readonly reason: string }
  | ({ readonly kind: "resolve" } & ResolveRequest)
  | ({ readonly kind: "complete" } & CompleteRequest)
  /** A call that waits elsewhere is still worked on. */
  | { readonly kind: "heartbeat"; readonly token: string; readonly details?: Encoded | undefined }
  /** A failed run goes on where it stood before it failed: later calls run again, with the same keys. */
  | ({ readonly kind: "resume" } & DeadLetterRequest)
  /** Takes a run from the dead letters; one that is open is terminated. */
  | ({ readonly kind: "discard" } & DeadLetterRequest)
  /** A person's answer to what the guard asks, or the end of its time (E). */
  | ({ readonly kind: "answer"; readonly isExpired?: boolean } & ApprovalAnswer)
  /** Position in a stream, committed with the runs it covers (E). */
  | { readonly kind: "cursor"; readonly name: string; readonly value: string }
  /** Takes no new starts from here on, or takes them again (E). */
  | ({ readonly kind: "drain" } & DrainRequest)
  /** Forces a breaker open or closed, or lets it decide again. */
  | ({ readonly kind: "breaker" } & BreakerRequest)
  /** What became of a run that has left for another engine (E). */
  | ({ readonly kind: "moving" } & MovingRequest);

export type Applied =
  | { readonly kind: "start"; readonly started: Started }
  | { readonly kind: "ok" };

export interface RunSummary {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  readonly status: RunStatus;
  readonly generation: number;
  readonly startedAt: number;
  readonly closedAt: number | undefined;
  /** The earliest timer, in milliseconds since the epoch. */
  readonly wakeAt: number | undefined;
  readonly historyLength: number;
  /** The workflow id of the run that started this one. */
  readonly parent: string | undefined;
  readonly tags: Tags;
}

export interface PendingCall {
  readonly call: number;
  readonly activity: string;
  readonly effect: Effect;
  readonly key: string;
  readonly ref: string;
  /** `elsewhere`: its attempt has ended, and somebody else completes it. */
  readonly state: "running" | "waiting" | "elsewhere" | Standstill;
  /** Attempts begun so far by this process or, where they failed, before it. */
  readonly attempt: number;
  readonly scheduledAt: number;
  readonly deadlineAt: number;
  readonly nextAttemptAt: number | undefined;
  readonly lastFailure: Failure | undefined;
}

export interface RunDescription extends RunSummary {
  readonly root: string;
  readonly input: Encoded;
  readonly output: Encoded | undefined;
  readonly failure: Failure | undefined;
  /** Why the run is stuck. */
  readonly problem: Failure | undefined;
  readonly cancelRequested: boolean;
  readonly memo: Encoded | undefined;
  readonly calls: readonly PendingCall[];
}

export type RunResult =
  | { readonly kind: "completed"; readonly output: Encoded }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface ListFilter {
  readonly workflow?: string | undefined;
  readonly status?: RunStatus | "open" | "closed" | undefined;
  readonly account?: string | undefined;
  /** All of these, by value and type. */
  readonly tags?: Tags | undefined;
  /** The workflow id of the parent. */
  readonly parent?: string | undefined;
  /** Prefix of the workflow id. */
  readonly idPrefix?: string | undefined;
  /** At most 1,000; default 100. */
  readonly limit?: number | undefined;
  /** Continues a listing. */
  readonly cursor?: string | undefined;
}

export interface RunPage {
  readonly runs: readonly RunSummary[];
  readonly cursor: string | undefined;
}

/** Why a run stands among the dead letters. */
export type DeadLetterKind = "failed" | "stuck" | Standstill;

/** A run that will not go on by itself, kept for a person. */
export interface DeadLetter {
  readonly id: string;
  readonly runId: string;
  readonly workflow: string;
  readonly account: string;
  readonly kind: DeadLetterKind;
  readonly code: string;
  readonly class: FailureClass;
  readonly message: string;
  /** Attempts of the call concerned; for a failed run, how often it has failed. */
  readonly attempts: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Equal for letters of one cause: workflow, kind, code, activity. */
  readonly fingerprint: string;
  /** What to do next, in the words of the command line. */
  readonly suggestion: "resume" | "resolve" | "deploy" | "discard" | "approve";
}

export interface DeadLetterFilter {
  /** Only the run with this workflow id. */
  readonly id?: string | undefined;
  readonly kind?: DeadLetterKind | undefined;
  readonly workflow?: string | undefined;
  readonly code?: string | undefined;
  readonly class?: FailureClass | undefined;
  readonly fingerprint?: string | undefined;
  /** At most 1,000; default 100. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** All that the filter fits, on every page. */
  readonly total: number;
  readonly cursor: string | undefined;
}

export interface Engine extends AsyncDisposable {
  /** One commit for all operations; resolves when it is on disk. */
  apply(operations: readonly Operation[]): Promise<readonly Applied[]>;
  query(request: { readonly id: string; readonly query: string }): Promise<Encoded>;
  /** The outcome of the chain with this id, across its generations. Rejects on time-out. */
  result(request: {
    readonly id: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<RunResult>;
  /** The answer of an accepted update. Rejects on time-out, and when the run closes before it answers. */
  updated(request: {
    readonly id: string;
    readonly requestId: string;
    readonly timeoutMs?: number | undefined;
  }): Promise<UpdateResult>;
  describe(id: string): Promise<RunDescription>;
  list(filter?: ListFilter): Promise<RunPage>;
  history(id: string): Promise<readonly ListedEntry[]>;
  dead(filter?: DeadLetterFilter): Promise<DeadLetterPage>;
  /** The breakers that calls have met or may meet, by name. None where the engine was opened without policies. */
  breakers(): Promise<readonly BreakerState[]>;
  cursor(name: string): Promise<string | undefined>;
}
