// Attempts of money calls: each goes through the store of intents, so that a worker that dies at any line leaves
// behind what the next one must know. Nothing is sent before its send is on disk, and nothing is told to the
// server before the outcome is.

import {
  type Encoded,
  type Failure,
  type IntentStore,
  type LaneRequest,
  type Reconciliation,
  type Recorded,
  type StoredIntent,
  toFailure,
} from "@holdfast/core";
import {
  AttemptContext,
  AttemptSignal,
  type Verdict,
  afterFailure,
  afterHeldQuestion,
  afterNotDone,
  afterStop,
  afterUnclear,
  attemptAborted,
  bodyChanged,
  callKey,
  encodeOutput,
  fingerprintOf,
  inDoubt,
  interrupted,
  neverStarted,
  parsedInput,
  timedOut,
} from "@holdfast/engine/activity-side";
import { pause } from "../clock/every.ts";
import type { Attempts } from "./attempt.ts";
import type { Call, Given } from "./given.ts";
import { failureOf } from "./judged.ts";
import { elsewhereOf, intentOf, knownOf } from "./known.ts";
import { effectOf, sayable, toldBy } from "./said.ts";
import { type EndedHow, type Entered, type Through, heldBackBy, passed } from "./policed.ts";

/** For how long a lane is held without being prolonged, in milliseconds. */
const LANE_MS = 10_000;
/** How often a lane that another holds is asked for, in milliseconds. */
const LANE_AGAIN_MS = 1_000;
/** How long whoever waits for a lane keeps its place without asking: a worker may have died, in milliseconds. */
const LANE_PLACE_MS = 15_000;
/** How long a store is let alone that could not keep an outcome, in milliseconds. */
const KEEP_AGAIN_MS = 500;

/** How long whoever a mode holds back waits here before it looks again, in milliseconds. */
const HELD_AGAIN_MS = 10_000;

/** Another one has the lane. */
const LANE_TAKEN = Symbol("lane taken");
/** A mode holds it back. */
const HELD = Symbol("held back");
const HELD_CODE = "HF-GUARD-HELD";
/** Where those wait that a mode holds back. */
export const HELD_QUEUE = "guard";

type NotDone = Exclude<Reconciliation<unknown>, { readonly kind: "done" }>;

export interface MoneyOptions {
  readonly attempts: Attempts;
  readonly intents: IntentStore;
  /** Told when a person is asked. */
  readonly onAsked: () => void;
}

export class MoneyAttempts {
  readonly #attempts: Attempts;
  readonly #intents: IntentStore;
  readonly #onAsked: () => void;

  constructor({ attempts, intents, onAsked }: MoneyOptions) {
    this.#attempts = attempts;
    this.#intents = intents;
    this.#onAsked = onAsked;
  }

  async run(given: Given): Promise<unknown> {
    const call = this.#attempts.callOf(given);
    const { intent, word } = await this.#record(call);
    call.heartbeat = intent.details ?? call.heartbeat;
    call.attempt = intent.sends;
    const isOwnBody = intent.fingerprint === fingerprintOf(call);
    if (!isOwnBody) return this.#doubt(call, toFailure(bodyChanged(intent.key, intent.ref)));
    if (intent.state === "done" && intent.output !== undefined)
      return this.#attempts.answer(call, intent.output);
    if (intent.state === "refused" && intent.lastFailure !== undefined)
      return this.#fail(call, intent.lastFailure);
    if (word.kind === "asked") return this.#ask(call, intent, word.failure);
    // What was said once holds for the first attempt after it.
    const again = given.attempt === 1 ? given.envelope.again : undefined;
    if (intent.state === "in-doubt" && again?.resent !== true)
      return this.#doubt(call, intent.lastFailure ?? toFailure(interrupted(call)));
    if (again?.told !== undefined)
      return this.#failed(call, intent, again.told, intent.sentAt !== undefined);
    const elsewhere = given.before.verdict === undefined ? elsewhereOf(intent) : undefined;
    // The server has forgotten it, as of every call that it is asked to cancel.
    if (elsewhere !== undefined) throw this.#attempts.waitOn(call, elsewhere);
    await this.#attempts.awaitTurn(call);
    const { verdict, lastFailure } = given.before;
    if (verdict === "later") await this.#attempts.awaitBeats(call);
    if (verdict === "later" && lastFailure !== undefined)
      return this.#failed(call, intent, lastFailure, intent.sentAt !== undefined);
    await this.#refuseQuarantined(call, intent);
    for (;;) {
      const ended = await this.#inTurn(call, intent, again?.resent === true);
      if (ended === LANE_TAKEN) await this.#laneLeft(call, intent);
      else if (ended === HELD) await this.#letGo(call, intent);
      else return ended;
    }
  }

  /** A person is asked: its run waits, and no attempt does. One that is not wanted any more asks nobody. */
  async #ask(call: Call, { key }: StoredIntent, failure: Failure): Promise<never> {
    const { given } = call;
    const now = this.#now();
    if (!given.cancelled.aborted && given.envelope.again?.cancelled !== true) {
      this.#onAsked();
      throw failureOf(failure, { verdict: "asked", now }, given, now);
    }
    const aborted = toFailure(attemptAborted(call));
    await this.#intents.settle(key, { state: "refused", failure: aborted }, now);
    return this.#fail(call, aborted);
  }

  /** Waits until modes have changed; where that takes long, the server gives it to whoever has time. No attempt counts. */
  async #letGo(call: Call, intent: StoredIntent): Promise<void> {
    const { given, deadlineAt } = call;
    const { bells } = this.#attempts;
    const now = this.#now();
    const at = deadlineAt > now ? Math.min(now + HELD_AGAIN_MS, deadlineAt) : now + HELD_AGAIN_MS;
    const { lastFailure } = (await this.#intents.find(intent.key)) ?? intent;
    const failure = lastFailure ?? toFailure(neverStarted(call));
    const later = (instant: number) =>
      this.#attempts.ended(call, { kind: "retry", at: instant }, failure);
    if (bells.isFull) throw later(at);
    const since = given.envelope.scheduledAt;
    const unwanted = [given.cancelled, given.abandoned];
    // A mode that changes while this is noted is heard, too.
    const rung = bells.wait({ lane: HELD_QUEUE, since, key: intent.key, at, unwanted });
    await given.inLine();
    if (!(await rung)) throw later(this.#now());
  }

  async #inTurn(call: Call, intent: StoredIntent, isResent: boolean): Promise<unknown> {
    using turn = await this.#attempts.enter(call);
    let isTaken = false;
    try {
      const late = turn.waited ? await this.#intents.find(intent.key) : undefined;
      if (late?.state === "done" && late.output !== undefined)
        return this.#attempts.answer(call, late.output);
      const ended = await this.#next(call, intent, isResent);
      isTaken = ended === LANE_TAKEN;
      return ended;
    } finally {
      if (intent.lane !== undefined && !isTaken) this.#attempts.bells.ring(intent.lane);
    }
  }

  /** Waits until somebody here has left the lane; where nobody does, the server waits. */
  async #laneLeft(call: Call, intent: StoredIntent): Promise<void> {
    const { given } = call;
    const { bells } = this.#attempts;
    const { lane = "", key } = intent;
    const since = given.envelope.scheduledAt;
    const at = this.#now() + LANE_AGAIN_MS;
    if (bells.isFull) return this.#waitForLane(call, intent);
    const unwanted = [given.cancelled, given.abandoned];
    // Whoever leaves the lane while this is noted is heard, too.
    const rung = bells.wait({ lane, since, key, at, unwanted });
    await given.inLine();
    if (!(await rung)) return this.#waitForLane(call, intent);
  }

  /** What became of its sends waits for a person too, and holds up no lane. */
  async #refuseQuarantined(call: Call, { key }: StoredIntent): Promise<void> {
    const failure = this.#attempts.quarantine(call);
    if (failure === undefined) return;
    await this.#intents.settle(key, { state: "in-doubt", failure }, this.#now());
    throw this.#attempts.quarantined(call, failure);
  }

  /** Sends, asks the venue, or gives it to a person. */
  async #next(call: Call, intent: StoredIntent, isResent: boolean): Promise<unknown> {
    const known = knownOf(intent, call);
    const now = this.#now();
    if (known.unknown && !isResent) {
      const last = intent.lastFailure ?? toFailure(interrupted(call));
      if (intent.asks) return this.#reconcile(call, intent, last);
      const situation = this.#attempts.situation(call, known);
      const verdict = situation.cancelled
        ? afterFailure(situation, last, now, this.#random)
        : afterStop(situation, last, now);
      if (verdict.kind !== "retry") return this.#judge(call, intent, verdict, last, known.unknown);
    }
    if (!known.unknown) {
      const isOver = now >= call.deadlineAt;
      const held = isOver ? heldBackBy(call.given.before) : undefined;
      if (held !== undefined)
        return this.#judge(call, intent, { kind: "fail", failure: held }, held, false);
      const refused = isOver
        ? (intent.lastFailure ?? toFailure(neverStarted(call)))
        : this.#attempts.refusal(call);
      if (isOver && refused?.code === HELD_CODE)
        return this.#judge(call, intent, { kind: "fail", failure: refused }, refused, false);
      if (refused !== undefined) {
        const situation = this.#attempts.situation(call, known);
        const verdict = afterFailure(situation, refused, now, this.#random);
        return this.#judge(call, intent, verdict, refused, false);
      }
    }
    const entered = await this.#attempts.police(call, "send");
    if (entered.kind === "held") return this.#held(call, intent, entered);
    return this.#sendThrough(call, intent, entered);
  }

  /** Past what holds calls back, and in its lane where it has one. */
  async #sendThrough(call: Call, intent: StoredIntent, entered: Through): Promise<unknown> {
    const { lane } = intent;
    if (lane === undefined) return this.#send(call, intent, entered);
    const holder = `${intent.owner}/${call.given.attempt}`;
    if (!(await this.#enter(call, lane, holder))) {
      await entered.end({});
      return LANE_TAKEN;
    }
    try {
      return await this.#send(call, intent, entered, async () => {
        await this.#prolong(call, lane, holder);
      });
    } finally {
      await this.#intents.leaveLane(lane, holder);
    }
  }

  /** Nothing is sent: the call waits, or its time is over. */
  async #held(
    call: Call,
    intent: StoredIntent,
    hold: Entered & { readonly kind: "held" },
  ): Promise<never> {
    const known = knownOf(intent, call);
    const now = this.#now();
    if (now < call.deadlineAt) throw this.#attempts.holdBack(call, hold);
    if (!known.unknown)
      return this.#judge(
        call,
        intent,
        { kind: "fail", failure: hold.failure },
        hold.failure,
        false,
      );
    const last = intent.lastFailure ?? hold.failure;
    const verdict = afterFailure(this.#attempts.situation(call, known), last, now, this.#random);
    return this.#judge(call, intent, verdict, last, true);
  }

  async #send(
    call: Call,
    intent: StoredIntent,
    entered: Through,
    prolong?: () => Promise<void>,
  ): Promise<unknown> {
    const { key, owner } = intent;
    const now = this.#now();
    const sending = await this.#intents.sending(key, owner, now, effectOf(call));
    if (sending.kind !== "sent") await entered.end({});
    if (sending.kind === "gone") return this.#fail(call, toFailure(attemptAborted(call)));
    if (sending.kind === "held") return this.#barred(call, intent, sending.failure);
    call.attempt = intent.sends + 1;
    call.sentAt = intent.sentAt;
    const ended = await passed(entered, () =>
      this.#attempts.attempt(call, {
        keep: async (details) => {
          await this.#intents.keep(key, details);
          await prolong?.();
        },
        // The next attempt finds it done.
        onLate: async (output) => {
          await this.#settleDone(call, key, output);
        },
      }),
    );
    const sent = { ...intent, sentAt: intent.sentAt ?? now, lastSendAt: now };
    switch (ended.kind) {
      case "answered":
        return this.#done(call, key, ended.output);
      case "later":
        return this.#elsewhere(call, intent, now);
      case "failed":
        return this.#failed(call, sent, ended.failure, intent.sentAt !== undefined);
    }
  }

  /** What holds it back is what it fails with when its total is over; what is unknown keeps why it is. */
  async #barred(call: Call, intent: StoredIntent, failure: Failure): Promise<unknown> {
    const { key, sentAt, lastFailure, reconcileTries } = intent;
    if (sentAt !== undefined && this.#now() >= call.deadlineAt)
      return this.#failed(call, intent, lastFailure ?? failure, true);
    const note = { lastFailure: failure, unsent: true, asks: false, reconcileTries };
    if (sentAt === undefined) await this.#intents.note(key, note);
    return HELD;
  }

  /** Somebody else has it now: that stands in its intent too, for the server may forget it. */
  async #elsewhere(call: Call, { key, sentAt }: StoredIntent, now: number): Promise<never> {
    const { at, failure } = this.#attempts.elsewhere(call, now);
    await this.#intents.note(key, {
      lastFailure: { ...failure, details: { elsewhereUntil: at, send: call.attempt } },
      asks: false,
      reconcileTries: 0,
      unsent: sentAt === undefined,
    });
    throw this.#attempts.waitOn(call, { at, failure });
  }

  /** @param wasUnknown whether sends before this attempt may have had an effect */
  async #failed(
    call: Call,
    intent: StoredIntent,
    failure: Failure,
    wasUnknown: boolean,
  ): Promise<unknown> {
    const unknown = wasUnknown || failure.outcome === "unknown";
    const known = {
      unknown,
      sentAt: unknown ? intent.sentAt : undefined,
      lastSendAt: intent.lastSendAt ?? this.#now(),
    };
    const situation = this.#attempts.situation(call, known);
    const verdict = afterFailure(situation, failure, this.#now(), this.#random);
    return this.#judge(call, intent, verdict, failure, unknown);
  }

  async #reconcile(call: Call, intent: StoredIntent, last: Failure): Promise<unknown> {
    const { activity, given } = call;
    if (activity.reconcile === undefined) {
      const failure = inDoubt({ activity: activity.name }, last);
      return this.#judge(call, intent, { kind: "doubt", failure }, last, true);
    }
    const tries = intent.reconcileTries + 1;
    const known = knownOf(intent, call);
    const situation = this.#attempts.situation(call, known);
    const unclear = (failure: Failure): Verdict =>
      afterUnclear(situation, failure, tries, this.#now(), this.#random);
    const entered = await this.#attempts.police(call, "ask");
    if (entered.kind === "held") {
      const verdict = afterHeldQuestion(situation, entered.at, last, this.#now());
      return this.#judge(call, intent, verdict, last, true);
    }
    let verdict: Verdict;
    let proven = false;
    let how: EndedHow = { answered: true };
    const signal = new AttemptSignal();
    try {
      const context = new AttemptContext(call, this.#attempts.hostOf(call), signal);
      const found = await this.#attempts.within(
        call,
        Promise.resolve(activity.reconcile(parsedInput(activity, given.input), context)),
        timedOut(call, "attempt"),
      );
      if (found.kind === "done")
        return await this.#done(call, intent.key, encodeOutput(activity, found.output));
      proven = found.kind === "not-done";
      verdict = this.#afterReconcile(situation, found, last, unclear);
    } catch (error) {
      const failure = toFailure(error);
      signal.abort(failure);
      how = { failure };
      verdict = unclear(failure);
    } finally {
      await entered.end(how);
    }
    const failure: Failure = proven ? { ...last, outcome: "not-sent" } : last;
    return this.#judge(call, { ...intent, reconcileTries: tries }, verdict, failure, !proven);
  }

  #afterReconcile(
    situation: ReturnType<Attempts["situation"]>,
    found: NotDone,
    last: Failure,
    unclear: (failure: Failure) => Verdict,
  ): Verdict {
    if (found.kind === "not-done") {
      const proven: Failure = { ...last, outcome: "not-sent" };
      return afterNotDone(situation, proven, this.#now(), this.#random);
    }
    if (found.lasting !== true) return unclear(last);
    return { kind: "doubt", failure: inDoubt(situation, last, found.reason) };
  }

  /** Writes down what was decided, and then tells the server. */
  async #judge(
    call: Call,
    intent: StoredIntent,
    verdict: Verdict,
    failure: Failure,
    unknown: boolean,
  ): Promise<never> {
    const { key } = intent;
    switch (verdict.kind) {
      case "fail":
        await this.#intents.settle(
          key,
          { state: "refused", failure: verdict.failure },
          this.#now(),
        );
        break;
      case "doubt":
        await this.#intents.settle(
          key,
          { state: "in-doubt", failure: verdict.failure },
          this.#now(),
        );
        break;
      case "retry":
      case "reconcile": {
        const asks = verdict.kind === "reconcile";
        const { reconcileTries } = intent;
        const note = { lastFailure: failure, unsent: !unknown, asks, reconcileTries };
        await this.#intents.note(key, note);
      }
    }
    throw this.#attempts.ended(call, verdict, failure);
  }

  async #done(call: Call, key: string, output: Encoded): Promise<unknown> {
    await this.#keepDone(call, key, output);
    return this.#attempts.answer(call, output);
  }

  /** Outlasts a store that is away: what the venue has answered is not to be asked for again. */
  async #keepDone(call: Call, key: string, output: Encoded): Promise<void> {
    for (;;) {
      try {
        await this.#settleDone(call, key, output);
        return;
      } catch (error) {
        if (toFailure(error).disposition !== "retry" || call.given.abandoned.aborted) throw error;
      }
      await pause(KEEP_AGAIN_MS);
    }
  }

  async #settleDone(call: Call, key: string, output: Encoded): Promise<void> {
    const told = toldBy(sayable(call), output, this.#attempts.options.log);
    await this.#intents.settle(key, { state: "done", output, told }, this.#now());
  }

  #fail(call: Call, failure: Failure): never {
    throw this.#attempts.ended(call, { kind: "fail", failure }, failure);
  }

  #doubt(call: Call, failure: Failure): never {
    throw this.#attempts.ended(call, { kind: "doubt", failure }, failure);
  }

  #record(call: Call): Promise<Recorded> {
    const intent = intentOf(call, this.#attempts.venues, this.#now());
    return this.#intents.record(intent, effectOf(call));
  }

  /** Who was decided first goes first. */
  #enter(call: Call, lane: string, holder: string): Promise<boolean> {
    const request = this.#laneRequest(call, lane, holder);
    const since = call.given.envelope.scheduledAt;
    const place = { since, until: request.now + LANE_PLACE_MS };
    return this.#intents.enterLane({ ...request, place });
  }

  async #prolong(call: Call, lane: string, holder: string): Promise<void> {
    await this.#intents.enterLane(this.#laneRequest(call, lane, holder));
  }

  #laneRequest(call: Call, lane: string, holder: string): LaneRequest {
    const now = this.#now();
    const until = now + call.activity.timeouts.attemptMs + LANE_MS;
    return { lane, key: callKey(call), holder, now, until };
  }

  #waitForLane(call: Call, intent: StoredIntent): never {
    const at = this.#now() + LANE_AGAIN_MS;
    const failure = intent.lastFailure ?? toFailure(neverStarted(call));
    throw this.#attempts.ended(call, { kind: "retry", at }, failure);
  }

  get #random() {
    return this.#attempts.options.random;
  }

  #now(): number {
    return this.#attempts.options.clock.now();
  }
}
