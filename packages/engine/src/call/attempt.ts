// The context of one attempt: key, ref, abort signal and bound clients for the body of an activity. Built
// lazily, because most attempts use little of it.

import {
  type ActivityContext,
  type AttemptBinding,
  type Effect,
  type Failure,
  HoldfastError,
  type Log,
  type Resource,
  decode,
  encodePayload,
  fromFailure,
  idempotencyKey,
  partKey,
} from "@holdfast/core";
import { type Place, placeOf } from "../run/place.ts";
import type { PendingCallState } from "./pending.ts";

/** What an attempt needs from the engine. */
export interface AttemptHost {
  readonly log: Log;
  readonly now: () => number;
  readonly raw: (resource: Resource, account: string) => unknown;
  readonly onHeartbeat: (call: PendingCallState) => void;
}

/** The abort signal of an attempt, made when somebody looks at it. */
export class AttemptSignal {
  #controller: AbortController | undefined;
  #reason: Failure | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(fromFailure(this.#reason));
    }
    return this.#controller.signal;
  }

  abort(reason: Failure): void {
    this.#reason ??= reason;
    this.#controller?.abort(fromFailure(reason));
  }
}

export class AttemptContext implements ActivityContext {
  readonly #call: PendingCallState;
  readonly #host: AttemptHost;
  readonly #signal: AttemptSignal;
  readonly #label: string | undefined;
  #bound: Map<Resource, unknown> | undefined;
  readonly attempt: number;
  readonly firstSentAt: number | undefined;

  constructor(call: PendingCallState, host: AttemptHost, signal: AttemptSignal, label?: string) {
    this.#call = call;
    this.#host = host;
    this.#signal = signal;
    this.#label = label;
    this.attempt = call.attempt;
    this.firstSentAt = call.sentAt;
  }

  get key(): string {
    const key = callKey(this.#call);
    return this.#label === undefined ? key : partKey(key, this.#label);
  }

  get ref(): string {
    const ref = callRef(this.#call);
    return this.#label === undefined ? ref : `${ref}/${this.#label}`;
  }

  get account(): string {
    return this.#call.identity.account;
  }

  get effect(): Effect {
    return this.#call.activity.effect;
  }

  get signal(): AbortSignal {
    return this.#signal.signal;
  }

  get now(): () => number {
    return this.#host.now;
  }

  get log(): Log {
    return this.#host.log;
  }

  get lastHeartbeat(): unknown {
    const { heartbeat } = this.#call;
    return heartbeat === undefined ? undefined : decode(heartbeat);
  }

  heartbeat(details?: unknown): void {
    this.signal.throwIfAborted();
    if (details !== undefined) this.#call.heartbeat = encodePayload(details, "a heartbeat");
    this.#host.onHeartbeat(this.#call);
  }

  use<Raw, Bound>(resource: Resource<Raw, Bound>): Bound {
    const key = resource as unknown as Resource;
    this.#bound ??= new Map();
    if (!this.#bound.has(key)) {
      const raw = this.#host.raw(key, this.account) as Raw;
      this.#bound.set(key, resource.bind(raw, this.#binding()));
    }
    return this.#bound.get(key) as Bound;
  }

  part(label: string): ActivityContext {
    if (this.#label !== undefined) {
      throw new HoldfastError(
        "HF-PART-NESTED",
        `Cannot take part "${label}" of a part: use one level of labels.`,
      );
    }
    return new AttemptContext(this.#call, this.#host, this.#signal, label);
  }

  #binding(): AttemptBinding {
    return this;
  }
}

/** The idempotency key of a call. */
export function callKey(call: PendingCallState): string {
  return call.command.key ?? idempotencyKey(defaultPlace(call).key);
}

/** The business name of a call. */
export function callRef(call: PendingCallState): string {
  return call.command.ref ?? defaultPlace(call).ref;
}

function defaultPlace({ command, identity }: PendingCallState): Place {
  return placeOf(identity, command.activity, command.ordinal ?? 0);
}
