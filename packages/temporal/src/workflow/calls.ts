// Calls and timers of a run as commands of the SDK: each begins in a scope of its own, so that it can be
// cancelled alone, and its end is told as a fact. A call outlives its activities: one of unknown outcome waits
// for a person, and what the server gave up is taken up again.

import {
  type Activity,
  type Command,
  type Encoded,
  type Fact,
  type Failure,
  encode,
} from "@holdfast/core";
import {
  ActivityCancellationType,
  type ActivityOptions,
  ActivityFailure,
  CancelledFailure,
  scheduleActivity,
  scheduleLocalActivity,
} from "@temporalio/workflow";
import { Alone } from "./alone.ts";
import { fromTemporal, judgementOf } from "./failure.ts";
import type { Journal } from "./journal.ts";
import type { TemporalMachine } from "./machine.ts";
import {
  type Beat,
  type CallAgain,
  type CallEnvelope,
  type CompleteCall,
  LOST_AFTER_HELD_MS,
  LOST_AFTER_MS,
  type OpenCall,
  activityIdOf,
} from "./protocol.ts";
import { withEnvelope } from "./reach.ts";
import type { RunTime } from "./time.ts";
import { textOf, treeOf } from "./tree.ts";

type Call = Command & { readonly kind: "call" };

export type Tell = (fact: Fact, at?: number) => void;

interface Scheduled {
  readonly command: Call;
  scope: Alone;
  /** Activities that it had before this one. */
  before: number;
  /** It is not to be sent any more. */
  cancelled: boolean;
  /** The last heartbeat from outside. */
  beat: Beat | undefined;
  /** Its activity was scheduled to judge what somebody outside said. */
  told: boolean;
  /** Present while it is in quarantine: what its attempts have left. */
  quarantined: Pick<CallAgain, "begun" | "details"> | undefined;
  /** A person is asked before it is sent. */
  asked: boolean;
}

export interface CallsOptions {
  readonly machine: TemporalMachine;
  readonly journal: Journal;
  readonly time: RunTime;
  readonly held: boolean;
  /** False where a history is replayed that a journal was exported to. */
  readonly served: boolean;
  readonly tell: Tell;
  readonly onCall: OnCall | undefined;
}

/** Told of the definition behind each call, where workflows and attempts share a process. */
export type OnCall = (activity: Activity) => void;

/** A limit that stands in for "none": an activity must have one. */
const YEAR_MS = 365 * 86_400_000;
export class Calls {
  readonly #options: CallsOptions;
  readonly #calls = new Map<number, Scheduled>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  call(command: Call): void {
    const open: Scheduled = {
      command,
      scope: new Alone(),
      before: 0,
      cancelled: false,
      beat: undefined,
      told: false,
      quarantined: undefined,
      asked: false,
    };
    this.#calls.set(command.call, open);
    this.#schedule(open, undefined);
  }

  /** True while nobody has said how the call ended. */
  has(call: number): boolean {
    return this.#calls.has(call);
  }

  /** What somebody outside has said of an open call. */
  outside(call: number): Pick<OpenCall, "beat" | "told"> {
    const { beat, told = false } = this.#calls.get(call) ?? {};
    return { beat, told };
  }

  beat(call: number, beat: Beat): void {
    const open = this.#calls.get(call);
    if (open !== undefined) open.beat = beat;
  }

  giveUp(call: number): void {
    this.#calls.get(call)?.scope.cancel();
    this.#calls.delete(call);
  }

  /** A money call is not to be sent any more; what was sent is followed up. */
  ask(call: number): void {
    const open = this.#calls.get(call);
    if (open === undefined) return;
    open.cancelled = true;
    open.scope.cancel();
    // Nobody is asked any more: the next attempt ends it, and frees what it had reserved.
    if (open.asked) this.#again(open, { cancelled: true, resent: false });
  }

  /** A person allowed a call in doubt, or in quarantine, to be sent again, or one that the guard asked about. */
  resend(call: number): void {
    const open = this.#calls.get(call);
    if (open === undefined) return;
    const { quarantined } = open;
    open.quarantined = undefined;
    const suspect = quarantined === undefined ? undefined : true;
    const resent = !open.asked;
    this.#again(open, { cancelled: false, resent, suspect, ...quarantined });
  }

  /** Somebody outside said how a call ended: its activity is not waited for. */
  settled(call: number): void {
    this.giveUp(call);
  }

  /** Somebody outside said that it failed: the next attempt judges that. */
  failedOutside(call: number, told: Failure, { begun, details }: CompleteCall): void {
    const open = this.#calls.get(call);
    if (open === undefined) return;
    open.scope.cancel();
    const left = { begun, details: open.beat?.details ?? details };
    this.#again(open, { cancelled: open.cancelled, resent: false, told, ...left });
  }

  #again(open: Scheduled, again: CallAgain): void {
    open.before += 1;
    open.told = again.told !== undefined;
    open.asked = false;
    open.beat = undefined;
    open.scope = new Alone();
    this.#schedule(open, again);
  }

  #schedule(open: Scheduled, again: CallAgain | undefined): void {
    const { machine } = this.#options;
    const { command, scope, before } = open;
    const { call, activity, input } = command;
    const definition = machine.calls.get(call)?.activity;
    if (definition !== undefined) this.#options.onCall?.(definition);
    const options = this.#optionsOf(command, definition);
    const isCurrent = (): boolean => this.#calls.get(call) === open && open.before === before;
    const envelope = this.#envelope(command, again);
    const schedule = (): Promise<unknown> =>
      command.local === true
        ? scheduleLocalActivity(activity, [treeOf(input)], options)
        : scheduleActivity(activity, [treeOf(input)], {
            ...options,
            activityId: activityIdOf(call, before),
          });
    scope
      .run(() => withEnvelope(envelope, schedule))
      .then(
        (output) => {
          if (isCurrent()) this.#done(call, output);
        },
        (error: unknown) => {
          // One that was given up may still answer.
          if (isCurrent()) this.#failed(open, error);
        },
      );
  }

  #done(call: number, output: unknown): void {
    const { tell, held } = this.#options;
    this.#calls.delete(call);
    if (!held) {
      tell({ kind: "done", call, output: textOf(output) });
      return;
    }
    const { value, at } = output as { readonly value: unknown; readonly at: number };
    tell({ kind: "done", call, output: textOf(value) }, at);
  }

  #failed(open: Scheduled, error: unknown): void {
    const { tell, served } = this.#options;
    const { call, effect } = open.command;
    const judgement = judgementOf(error);
    const failure = fromTemporal(error);
    const isMoney = effect === "money" && served;
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (judgement?.verdict === "doubt") {
      tell({ kind: "in-doubt", call, failure }, judgement.now);
      return;
    }
    if (judgement?.verdict === "quarantine") {
      const { begun, details } = judgement;
      open.quarantined = { begun, details };
      tell({ kind: "quarantined", call, failure }, judgement.now);
      return;
    }
    if (judgement?.verdict === "asked") {
      open.asked = true;
      tell({ kind: "awaiting-approval", call, failure }, judgement.now);
      return;
    }
    const isOpen = judgement !== undefined && judgement.verdict !== "fail";
    // The server tries nothing again that was asked to cancel, and a time-out of its own proves nothing.
    if (isOpen || (isMoney && (judgement === undefined || cause instanceof CancelledFailure))) {
      const notBefore = judgement?.at;
      this.#again(open, { cancelled: open.cancelled, resent: false, notBefore });
      return;
    }
    this.#calls.delete(call);
    tell({ kind: "failed", call, failure }, judgement?.now);
  }

  #envelope(command: Call, again: CallAgain | undefined): Encoded {
    const { machine, journal, held } = this.#options;
    const { id, runId, workflow, account, namespace, root, generation, parent } = machine.identity;
    const { call, key, ref, ordinal, totalMs } = command;
    const envelope: CallEnvelope = {
      id,
      runId,
      workflow,
      account,
      namespace,
      root,
      generation,
      parent,
      call,
      key,
      ref,
      ordinal,
      totalMs,
      held,
      again: again && (withoutUndefined(again) as CallAgain),
      scheduledAt: journal.scheduledAt(call),
    };
    return encode(withoutUndefined(envelope));
  }

  #optionsOf({ effect, totalMs }: Call, activity: Activity | undefined): ActivityOptions {
    const { held } = this.#options;
    const attemptMs = activity?.timeouts.attemptMs ?? 0;
    const queuedMs = activity?.timeouts.queuedMs;
    return {
      // The worker ends attempts by the rules; what the server would end proves nothing about an effect.
      startToCloseTimeout: Math.max(totalMs, attemptMs) + YEAR_MS,
      heartbeatTimeout: held ? LOST_AFTER_HELD_MS : LOST_AFTER_MS,
      ...(held || queuedMs === undefined || effect === "money"
        ? {}
        : { scheduleToStartTimeout: queuedMs }),
      // Whether it happened must become known: what was sent is waited for.
      cancellationType:
        effect === "money"
          ? ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
          : ActivityCancellationType.TRY_CANCEL,
      // Each failure brings its own delay; this is for attempts whose worker is gone.
      retry: { initialInterval: 1, backoffCoefficient: 1, maximumInterval: 1 },
    };
  }
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}
