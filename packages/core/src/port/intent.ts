// Intents: every decided effect with money has a row before its first attempt, and for ever after. The embedded
// engine keeps them in its journal; where attempts run beside another server, they are kept behind this port.

import type { GuardedCommand, Observation } from "../activity/command.ts";
import type { Failure } from "../base/error.ts";
import type { ModeChange } from "../guard/mode.ts";
import type { GuardPolicy } from "../guard/policy.ts";
import type { BreakerStore } from "./breaker.ts";
import type { ApprovalRow, Guard, MovedBook } from "./guard.ts";
import type { Encoded } from "./history.ts";

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

/** What a call is known by when its effect is decided. */
export interface NewIntent extends Omit<Intent, "state" | "settledAt"> {
  /** Workflow id of the run. */
  readonly run: string;
  /**
   * Which call of which execution asks, such as "dca-btc/1f0c…/3": the same for every attempt of a call, another
   * one after a reset. It decides whether a settled effect is this call's own, and never enters a key.
   */
  readonly owner: string;
  /** The lane in which effects go one after the other; undefined where the venue honours keys. */
  readonly lane: string | undefined;
}

/** All that is known of an effect. Times are milliseconds since the epoch. */
export interface StoredIntent extends NewIntent {
  readonly state: IntentState;
  readonly settledAt: number | undefined;
  /** The first send whose outcome may be unknown; undefined where nothing can have happened. */
  readonly sentAt: number | undefined;
  readonly lastSendAt: number | undefined;
  /** Attempts of the present owner that have begun to send. */
  readonly sends: number;
  /** True where the venue is to be asked before anything is sent again. */
  readonly asks: boolean;
  /** Reconciliations that could not tell, since the last send. */
  readonly reconcileTries: number;
  readonly lastFailure: Failure | undefined;
  /** Encoded details: the last heartbeat's, or what an attempt kept. */
  readonly details: Encoded | undefined;
  /** Present where it is done. */
  readonly output: Encoded | undefined;
}

/** What the guard is told of an effect in the transaction that records it. */
export interface IntentEffect {
  /** Name of the workflow. */
  readonly workflow: string;
  /** What its activity says of it; undefined where that says nothing to the guard. */
  readonly command: GuardedCommand | undefined;
  /** Why its activity cannot say what it does: then it is denied. */
  readonly unsaid?: Failure | undefined;
}

/** The guard's word on an effect. */
export type GuardWord =
  | { readonly kind: "admitted" }
  /** It is not sent, and never will be by this decision. */
  | { readonly kind: "denied"; readonly failure: Failure }
  /** A person is asked first. */
  | { readonly kind: "asked"; readonly failure: Failure };

export interface Recorded {
  readonly intent: StoredIntent;
  readonly word: GuardWord;
}

/** Whether an effect may be sent now. */
export type Sending =
  /** The send is noted. */
  | { readonly kind: "sent" }
  /** It is settled, belongs to another owner or has lost its lane: it is not this attempt's to send. */
  | { readonly kind: "gone" }
  /** A mode holds it back; it may be sent when that is over. */
  | { readonly kind: "held"; readonly failure: Failure };

/** What an answer tells the guard. */
export interface AnswerTold {
  /** What the effect did cost, in micro-USDC. Default: all that was reserved. */
  readonly cost?: bigint | undefined;
  readonly observations?: readonly Observation[] | undefined;
}

/** How an effect ended, or that nobody knows. */
export type Settlement =
  | { readonly state: "done"; readonly output: Encoded; readonly told?: AnswerTold | undefined }
  | { readonly state: "refused"; readonly failure: Failure }
  | { readonly state: "in-doubt"; readonly failure: Failure };

/** What an attempt or a reconciliation that settled nothing has told. */
export interface IntentNote {
  readonly lastFailure: Failure;
  /** True where it is proven that nothing sent so far has happened: the sends are forgotten. */
  readonly unsent: boolean;
  /** True where the venue is to be asked before anything is sent again. */
  readonly asks: boolean;
  readonly reconcileTries: number;
}

export interface IntentFilter {
  readonly state?: IntentState | undefined;
  readonly account?: string | undefined;
  readonly run?: string | undefined;
  /** At most 1,000; default 100. */
  readonly limit?: number | undefined;
  /** Continues a listing: the key of the last one seen. */
  readonly after?: string | undefined;
}

export interface LaneRequest {
  readonly lane: string;
  readonly key: string;
  /** Who runs the attempt; another attempt of the same call is another holder. */
  readonly holder: string;
  readonly now: number;
  /** Until when the holder may send, unless it asks again. */
  readonly until: number;
  /** Present where it takes its turn: who was decided first is let in first. */
  readonly place?: LanePlace | undefined;
}

/** A place in the line before a lane. */
export interface LanePlace {
  /** When the effect was decided. */
  readonly since: number;
  /** Until when it keeps its place, unless it asks again. */
  readonly until: number;
}

export interface GuardRequest {
  /** What this process lets agents do; undefined: modes alone bound them. */
  readonly policy: GuardPolicy | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Modes that have changed, whoever changed them. */
export interface ModeNews {
  readonly changes: readonly ModeChange[];
  /** To be asked with next: what comes behind it is new. */
  readonly position: number;
  /** Approvals whose time ended by this look: their runs are to be told. */
  readonly expired: readonly ApprovalRow[];
  /** When something changes by itself, in milliseconds since the epoch; undefined where nothing does. */
  readonly nextAt: number | undefined;
}

/** The guard over a store that several processes share. */
export interface StoreGuard extends Guard {
  /**
   * Writes down what has changed by time alone, and gives the modes that have changed behind a position; without
   * one, none that were before, and the position from which to ask.
   */
  news(after?: number): Promise<ModeNews>;
}

/**
 * Where intents are kept, for workers that may die at each line, and of which two may believe that they run the
 * same call. Every method that writes is fulfilled when the write would survive a crash, and is one transaction.
 *
 * An attempt goes: `record` (settled? then its outcome is told again and nothing is sent), `enterLane` where the
 * venue honours no keys, `sending`, the send, then `settle` or `note`, then `leaveLane`, and only then is the
 * engine told. A crash before `sending` has sent nothing; one after it counts as sent, with outcome unknown.
 *
 * The guard's book lies beside the intents: `record` judges and reserves, `sending` reads the modes, `settle` posts
 * or releases, each in its one transaction.
 */
export interface IntentStore extends AsyncDisposable {
  /** The breakers of the project, in the same database. */
  readonly breakers: BreakerStore;
  /**
   * Records a decision, or finds what is known of its key. What is found keeps its state, body and sends; an
   * effect that was refused to another owner is open again and counts as not sent, because a later call asks for
   * it anew; the run and owner become those that ask, and another owner's attempts are counted from none. The caller compares
   * fingerprints.
   *
   * @param effect what the guard judges, once for its key: what it may cost is reserved once, and what it denies is
   *   refused here; absent: nothing is judged
   */
  record(intent: NewIntent, effect?: IntentEffect): Promise<Recorded>;
  /**
   * Notes a send before it leaves: the first and the last. Nothing is noted, and nothing may be sent, where the
   * intent is settled (`done`, `refused`), belongs to another owner by now, or has a lane that it does not hold, and
   * where a mode holds it back. One that is in doubt is open again, because somebody allowed it.
   *
   * @param effect what the modes are compared with; absent: an effect that takes a risk
   */
  sending(key: string, owner: string, at: number, effect?: IntentEffect): Promise<Sending>;
  /** Keeps what an attempt has told without settling anything. An intent that is done or refused stays so. */
  note(key: string, note: IntentNote): Promise<void>;
  /** Keeps details for the attempts to come, and for `reconcile`. */
  keep(key: string, details: Encoded): Promise<void>;
  /**
   * Settles an effect. What is done stays done, whoever says otherwise later; false where it was done before. The
   * guard posts what it did cost, or lets go of what it had reserved; while it is in doubt, that stays reserved.
   *
   * @param at when, in milliseconds since the epoch
   */
  settle(key: string, settlement: Settlement, at: number): Promise<boolean>;
  /**
   * Puts the open effects of a run in doubt that may have been sent: nobody will tell of them any more. Those that
   * were not sent and have something reserved are refused, and that is free again. Gives how many are in doubt.
   */
  doubt(run: string, failure: Failure, at: number): Promise<number>;
  find(key: string): Promise<StoredIntent | undefined>;
  /**
   * Takes over, in one transaction, what another store knows. Of a key that is known here nothing changes. Gives how
   * many were new.
   */
  adopt(intents: readonly StoredIntent[]): Promise<number>;
  /**
   * Takes over, in one transaction, a page of another guard's book. An effect that is known here stays as it is; one
   * that is new counts in every counter that is kept and whose span is not over. A mode is put on once for its
   * scope, cause and instant, and never again when it was lifted; so is a peak of equity, where it is higher. The
   * audit log names the end of the other one. Gives how many effects were new.
   *
   * @param at when, in milliseconds since the epoch
   */
  adoptBook(book: MovedBook, at: number): Promise<number>;
  /** By key; with `after`, those behind it. */
  list(filter?: IntentFilter): Promise<readonly StoredIntent[]>;
  /**
   * Takes or prolongs a lane. True where no other holder's time runs, and no other open effect of the lane may
   * have been sent: one that may have been holds its lane until it is settled or in doubt, however long that is.
   * Who asks with a place is let in when nobody stands there who was decided before, by time and then by key;
   * whoever is not let in keeps the place.
   */
  enterLane(request: LaneRequest): Promise<boolean>;
  /** Lets a lane go; of no effect where another holds it. */
  leaveLane(lane: string, holder: string): Promise<void>;
  /** Takes in what an answer of the venue tells, under the policy of `guardBy`; without one, nothing. */
  observe(
    of: Pick<Intent, "account" | "venue">,
    observations: readonly Observation[],
    at: number,
  ): Promise<void>;
  /** Takes up a policy, by which this opener judges from here on, and gives the guard over what is kept here. */
  guardBy(request: GuardRequest): Promise<StoreGuard>;
}
