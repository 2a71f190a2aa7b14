// The only way to a venue's writes. It judges in the commit that records an intent, reserves there what the effect
// may cost, and posts what it did cost in the commit that has its outcome. What it writes is part of that commit;
// what it remembers of it counts only once that is on disk.

import type {
  Encoded,
  Fact,
  Failure,
  GuardPolicy,
  Log,
  ModeChange,
  ModeRow,
  VenueCapabilities,
} from "@holdfast/core";
import { heldBy } from "@holdfast/core/internal";
import {
  type Admission,
  type Steps,
  admit,
  assess,
  carryOut,
  modes,
  nextExpiry,
  observe,
  openBook,
  recall,
  settle,
} from "@holdfast/guard";
import { callKey, callRef } from "../call/attempt.ts";
import { fingerprintOf } from "../call/consult.ts";
import type { PendingCallState } from "../call/pending.ts";
import { venueOf } from "../registry.ts";
import type { Store } from "../store/store.ts";
import { type Sayable, costOf, observationsOf, saidOf } from "./said.ts";

export interface GatewayOptions {
  readonly store: Store;
  readonly policy: GuardPolicy | undefined;
  readonly venues: ReadonlyMap<string, VenueCapabilities>;
  readonly log: Log;
  /** Told of changes that are on disk. */
  readonly onModes: ((changes: readonly ModeChange[]) => void) | undefined;
}

/** An effect as the guard knows it, whoever holds its call. */
type Call = Pick<PendingCallState, "activity" | "command" | "identity">;

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** What becomes of a call that is not let through, or not yet: it is never begun by itself. */
export function notAdmitted(call: PendingCallState, word: Admission): Fact | undefined {
  const number = call.command.call;
  switch (word.kind) {
    case "admitted":
      return undefined;
    case "denied":
      call.phase = "settled";
      return { kind: "failed", call: number, failure: word.failure };
    case "asked":
      call.phase = "awaiting-approval";
      return { kind: "awaiting-approval", call: number, failure: word.failure };
  }
}

const ADMITTED: Admission = { kind: "admitted" };

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #changes: ModeChange[] = [];
  #modes: readonly ModeRow[] = [];
  #nextAt: number | undefined;
  #expiry: { readonly id: string; readonly expiresAt: number } | undefined;
  #isTouched = false;

  constructor(options: GatewayOptions, now: number) {
    this.#options = options;
    options.store.transaction(() => {
      this.#do(openBook(options.policy, now));
      this.#look(now);
    });
  }

  /** When modes change by themselves; undefined where they do not. */
  get nextAt(): number | undefined {
    return this.#nextAt;
  }

  /** Judges an effect whose intent is being recorded. Part of the commit. */
  judge(
    call: Call,
    run: { readonly id: string; readonly workflow: string },
    at: number,
  ): Admission {
    const { policy, venues } = this.#options;
    const { activity, identity } = call;
    if (policy === undefined && this.#modes.length === 0) return ADMITTED;
    const { command, unsaid } = saidOf(sayable(call));
    if (unsaid !== undefined) return { kind: "denied", failure: unsaid };
    const asked = {
      key: callKey(call),
      ref: callRef(call),
      account: identity.account,
      workflow: run.workflow,
      run: run.id,
      venue: venueOf(activity, venues).names,
      activity: activity.name,
      body: fingerprintOf(call),
      command,
    };
    const word = this.#do(admit(policy, asked, at));
    if (word.kind === "asked") this.#isTouched = true;
    return word;
  }

  /** The approval whose time is over, if one's is. */
  expired(now: number): string | undefined {
    return this.#expiry !== undefined && this.#expiry.expiresAt <= now
      ? this.#expiry.id
      : undefined;
  }

  /** The word that was given on an effect before a stop. */
  recall(call: Call): Admission {
    const { key } = call.command;
    return key === undefined ? ADMITTED : this.#do(recall(key));
  }

  /** An effect is certainly done: what it did cost is posted. Part of the commit. */
  done(call: Call, output: Encoded | undefined, at: number): void {
    const { policy, log } = this.#options;
    const cost = output === undefined ? undefined : costOf(sayable(call), output, log);
    this.#do(settle(policy, callKey(call), { kind: "done", cost }, at));
  }

  /** An effect has certainly not happened: what it had reserved is free again. Part of the commit. */
  refused(call: Call, at: number): void {
    this.#do(settle(this.#options.policy, callKey(call), { kind: "refused" }, at));
    if (this.#expiry !== undefined) this.#isTouched = true;
  }

  /** How an effect ended whose run is gone: all that it had reserved counts. Part of the commit. */
  settledByKey(key: string, kind: "done" | "refused", at: number): void {
    const ended = kind === "done" ? ({ kind, cost: undefined } as const) : ({ kind } as const);
    this.#do(settle(this.#options.policy, key, ended, at));
  }

  /** Takes in what an answer tells. Part of the commit. */
  observe(call: Call, output: Encoded, at: number): void {
    const { policy, venues, log } = this.#options;
    const { activity, identity } = call;
    if (policy === undefined || activity.observe === undefined) return;
    const seen = observationsOf(sayable(call), output, log);
    if (seen.length === 0) return;
    const of = { account: identity.account, venue: venueOf(activity, venues).names };
    this.#changes.push(...this.#do(observe(policy, of, seen, at)));
    this.#isTouched = true;
  }

  /** Carries out what a person asks for. Part of the commit. */
  change<Result>(steps: Steps<Result>): Result {
    this.#isTouched = true;
    return this.#do(steps);
  }

  /** Modes that a person has changed, for those who are told. */
  changed(changes: readonly ModeChange[]): void {
    this.#changes.push(...changes);
  }

  /** The last of a commit: modes that have changed by it, or by time. */
  conclude(at: number): void {
    if (this.#isTouched || (this.#nextAt !== undefined && this.#nextAt <= at)) this.#look(at);
    this.#isTouched = false;
  }

  /** An approval was answered, or is not waited for any more. Part of the commit. */
  answered(): void {
    this.#isTouched = true;
  }

  /** True where time alone has changed something that is to be written. */
  isDue(at: number): boolean {
    return this.#nextAt !== undefined && this.#nextAt <= at;
  }

  /** After the commit: who wants to know is told. True where calls that wait may be let through. */
  tell(): boolean {
    const changes = this.#changes.splice(0);
    if (changes.length === 0) return false;
    const { log, onModes } = this.#options;
    for (const { scope, cause, from = "FULL", to = "FULL", reason, actor } of changes)
      log.warn(`${scope}: ${from} → ${to} (${cause}: ${reason}).`, { actor });
    onModes?.(changes);
    return true;
  }

  /** Why an effect that was let through before may not be sent now. */
  held(call: Call, workflow: string, now: number): Failure | undefined {
    if (this.#modes.length === 0) return undefined;
    const of = {
      account: call.identity.account,
      workflow,
      venue: venueOf(call.activity, this.#options.venues).names,
      ref: callRef(call),
    };
    // What cannot be said counts as one that takes a risk.
    const { command } = saidOf(sayable(call));
    return heldBy(of, command, this.#modes, now);
  }

  #look(at: number): void {
    const { changes, nextAt } = this.#do(assess(this.#options.policy, at));
    this.#changes.push(...changes);
    this.#expiry = this.#do(nextExpiry());
    this.#nextAt = earlier(nextAt, this.#expiry?.expiresAt);
    this.#modes = this.#do(modes());
  }

  #do<Result>(steps: Steps<Result>): Result {
    return carryOut(steps, this.#options.store.guard);
  }
}

function sayable(call: Call): Sayable {
  return { activity: call.activity, input: call.command.input, ref: callRef(call) };
}
