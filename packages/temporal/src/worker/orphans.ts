// Effects in doubt whose run is gone: nobody asks for them any more, so the worker that has the store of intents
// asks the venue, and never sends. What the call was stands in the history of its run.

import {
  type Activity,
  type Encoded,
  type Failure,
  type IntentStore,
  type StoredIntent,
  type TimerHandle,
  toFailure,
} from "@holdfast/core";
import {
  AttemptContext,
  AttemptSignal,
  afterUnclear,
  encodeOutput,
  fingerprintOf,
  interrupted,
  parsedInput,
  timedOut,
} from "@holdfast/engine/activity-side";
import type { CallEnvelope } from "../workflow/protocol.ts";
import type { Attempts } from "./attempt.ts";
import type { Call } from "./given.ts";
import { UNSUSPECTED } from "./left.ts";
import type { EndedHow } from "./policed.ts";
import { sayable, toldBy } from "./said.ts";

/** A call as the history of its run has it. */
export interface Decided {
  readonly input: Encoded;
  readonly envelope: CallEnvelope;
}

export interface OrphansOptions {
  readonly attempts: Attempts;
  readonly intents: IntentStore;
  /** @throws HF-ACTIVITY-UNKNOWN */
  readonly activity: (name: string) => Activity;
  /** True where no run with this id is open. */
  readonly isGone: (id: string) => Promise<boolean>;
  /**
   * How the execution that asked for an effect ended, where it did, and no other of its run is open; undefined where
   * one is, or the server knows nothing of it.
   */
  readonly ended: (intent: StoredIntent) => Promise<Failure | undefined>;
  /** Undefined where the server has forgotten it. */
  readonly decided: (intent: StoredIntent) => Promise<Decided | undefined>;
}

/** Intents that are asked for at once. */
const BATCH = 200;

type Outcome = "settled" | "unclear" | "left";

export class Orphans implements Disposable {
  readonly #options: OrphansOptions;
  /** Effects that are looked after, and those that were left to a person. */
  readonly #known = new Set<string>();
  readonly #timers = new Set<TimerHandle>();
  #closed = false;
  #working = 0;
  /** The last open intent that was looked at; undefined where the next look begins at the first. */
  #after: string | undefined;

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  /** Questions on their way. */
  get working(): number {
    return this.#working;
  }

  /** Looks after what is in doubt, of one run or of all. */
  async sweep(run?: string): Promise<void> {
    await this.#work(async () => {
      if (run === undefined) await this.#doubtEnded();
      const { intents, isGone } = this.#options;
      for (let after: string | undefined; ;) {
        const page = await intents.list({ state: "in-doubt", run, after, limit: BATCH });
        for (const intent of page) {
          if (this.#known.has(intent.key) || !(await isGone(intent.run))) continue;
          this.#known.add(intent.key);
          await this.#adopt(intent);
        }
        if (page.length < BATCH || this.#closed) return;
        after = page.at(-1)?.key;
      }
    });
  }

  /**
   * Puts in doubt what was sent for runs that Temporal's own tools have ended, and frees what they had reserved: nobody
   * told the store. So many at a time, and on from there at the next look.
   */
  async #doubtEnded(): Promise<void> {
    const { intents, ended } = this.#options;
    const page = await intents.list({ state: "open", after: this.#after, limit: BATCH });
    this.#after = page.length < BATCH ? undefined : page.at(-1)?.key;
    const looked = new Set<string>();
    for (const intent of page) {
      if (looked.has(intent.run)) continue;
      const failure = await ended(intent);
      // The others of the same run have the same end, or the next look finds theirs.
      if (failure === undefined) continue;
      looked.add(intent.run);
      await intents.doubt(intent.run, failure, this.#options.attempts.options.clock.now());
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  async #adopt(intent: StoredIntent): Promise<void> {
    const { attempts, activity: named, decided } = this.#options;
    const found = await decided(intent);
    if (found === undefined) return;
    const activity = named(intent.activity);
    const call = attempts.callOf({
      ...found,
      activity,
      attempt: 1,
      activityId: "",
      isLocal: false,
      before: {},
      suspicion: UNSUSPECTED,
      beat: () => undefined,
      keep: async () => undefined,
      inLine: async () => undefined,
      begin: async () => undefined,
      clear: () => undefined,
      cancelled: NEVER,
      abandoned: NEVER,
    });
    call.heartbeat = intent.details;
    if (activity.reconcile === undefined || intent.fingerprint !== fingerprintOf(call)) return;
    this.#askLater(call, intent, 1);
  }

  /** A late answer of the last send may come first. */
  #askLater(call: Call, intent: StoredIntent, tries: number): void {
    const { attempts } = this.#options;
    const { clock, random } = attempts.options;
    const last = intent.lastFailure ?? toFailure(interrupted(call));
    const { sentAt, lastSendAt = call.given.envelope.scheduledAt } = intent;
    const situation = attempts.situation(call, { unknown: true, sentAt, lastSendAt });
    const verdict = afterUnclear(situation, last, tries, clock.now(), random);
    if (verdict.kind !== "reconcile" || this.#closed) return;
    const timer = clock.setTimer(verdict.at, () => {
      this.#timers.delete(timer);
      void this.#work(async () => {
        if ((await this.#ask(call, intent, last)) === "unclear")
          this.#askLater(call, intent, tries + 1);
      });
    });
    this.#timers.add(timer);
  }

  async #ask(call: Call, { key, owner }: StoredIntent, last: Failure): Promise<Outcome> {
    const { attempts, intents, isGone } = this.#options;
    const { activity, given } = call;
    const isOurs = async (): Promise<boolean> => {
      const now = await intents.find(key);
      return !this.#closed && now?.state === "in-doubt" && now.owner === owner;
    };
    if (activity.reconcile === undefined || !(await isOurs())) return "left";
    const entered = await attempts.police(call, "ask");
    if (entered.kind === "held") return "unclear";
    const signal = new AttemptSignal();
    let how: EndedHow = { answered: true };
    try {
      const context = new AttemptContext(call, attempts.hostOf(call), signal);
      const found = await attempts.within(
        call,
        Promise.resolve(activity.reconcile(parsedInput(activity, given.input), context)),
        timedOut(call, "attempt"),
      );
      // Somebody may have taken it up meanwhile.
      if (!(await isOurs()) || !(await isGone(given.envelope.id))) return "left";
      const at = attempts.options.clock.now();
      switch (found.kind) {
        case "done": {
          const output = encodeOutput(activity, found.output);
          const told = toldBy(sayable(call), output, attempts.options.log);
          await intents.settle(key, { state: "done", output, told }, at);
          return "settled";
        }
        case "not-done": {
          const failure: Failure = { ...last, outcome: "not-sent", inDoubt: false };
          await intents.settle(key, { state: "refused", failure }, at);
          return "settled";
        }
        case "unknown":
          return found.lasting === true ? "left" : "unclear";
      }
    } catch (error) {
      const failure = toFailure(error);
      signal.abort(failure);
      how = { failure };
      return "unclear";
    } finally {
      await entered.end(how);
    }
  }

  async #work(body: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#working += 1;
    try {
      await body();
    } catch (error) {
      const { log } = this.#options.attempts.options;
      log.warn("Cannot look after effects whose run is gone.", {
        failure: toFailure(error).message,
      });
    } finally {
      this.#working -= 1;
    }
  }
}

const NEVER: AbortSignal = new AbortController().signal;
