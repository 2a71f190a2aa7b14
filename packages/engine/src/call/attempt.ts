// The context of one attempt: key, ref, abort signal and bound clients for the body of an activity. Built
// lazily, because most attempts use little of it. The same on the event loop and in a thread.

import {
  type ActivityContext,
  type AttemptBinding,
  type Effect,
  type Encoded,
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

/** What is known of a call where its attempt runs. */
export type AttemptedCall = Pick<
  PendingCallState,
  "identity" | "command" | "activity" | "attempt" | "sentAt" | "heartbeat"
>;

/** What an attempt needs from the engine. */
export interface AttemptHost<Call extends AttemptedCall> {
  readonly log: Log;
  readonly now: () => number;
  readonly raw: (resource: Resource, account: string) => unknown;
  readonly onHeartbeat: (call: Call, details: Encoded | undefined) => void;
  /** The venue asks the call's account to rest. */
  readonly onRest: (call: Call, ms: number) => void;
  /** Writes details down; absent where nothing can. */
  readonly onKeep?: ((call: Call, details: Encoded) => Promise<void>) | undefined;
  /** What completes the call from outside; absent where nothing can. */
  readonly token?: ((call: Call) => string) | undefined;
}

/** What `completeLater` gives: the attempt has ended, and its outcome comes from elsewhere. */
export const LATER: unique symbol = Symbol("completed later");

/** The abort signal of an attempt, made when somebody looks at it. */
export class AttemptSignal {
  #controller: AbortController | undefined;
  #reason: Failure | undefined;
  /** Told of the abort, where the body runs elsewhere. */
  onAbort: ((reason: Failure) => void) | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(fromFailure(this.#reason));
    }
    return this.#controller.signal;
  }

  abort(reason: Failure): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(fromFailure(reason));
    this.onAbort?.(reason);
  }
}

export class AttemptContext<Call extends AttemptedCall> implements ActivityContext {
  readonly #call: Call;
  readonly #host: AttemptHost<Call>;
  readonly #signal: AttemptSignal;
  readonly #label: string | undefined;
  readonly #last: Encoded | undefined;
  #bound: Map<Resource, unknown> | undefined;
  readonly attempt: number;
  readonly firstSentAt: number | undefined;

  constructor(call: Call, host: AttemptHost<Call>, signal: AttemptSignal, label?: string) {
    this.#call = call;
    this.#host = host;
    this.#signal = signal;
    this.#label = label;
    this.#last = call.heartbeat;
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
    return this.#last === undefined ? undefined : decode(this.#last);
  }

  get token(): string {
    const { token } = this.#host;
    if (token === undefined) throw notLater(this.#call);
    return token(this.#call);
  }

  completeLater(): never {
    if (this.#host.token === undefined) throw notLater(this.#call);
    return LATER as never;
  }

  heartbeat(details?: unknown): void {
    this.signal.throwIfAborted();
    const encoded = details === undefined ? undefined : encodePayload(details, "a heartbeat");
    this.#host.onHeartbeat(this.#call, encoded);
  }

  async keep(details: unknown): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#host.onKeep === undefined) throw notKept(this.#call);
    await this.#host.onKeep(this.#call, encodePayload(details, "what an attempt keeps"));
    this.signal.throwIfAborted();
  }

  rest(ms: number): void {
    // A hint that makes no sense is no reason to fail after something was sent.
    if (ms > 0) this.#host.onRest(this.#call, ms);
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
export function callKey(call: Pick<AttemptedCall, "identity" | "command">): string {
  return call.command.key ?? idempotencyKey(defaultPlace(call).key);
}

/** The business name of a call. */
export function callRef(call: Pick<AttemptedCall, "identity" | "command">): string {
  return call.command.ref ?? defaultPlace(call).ref;
}

function defaultPlace({ command, identity }: Pick<AttemptedCall, "identity" | "command">): Place {
  return placeOf(identity, command.activity, command.ordinal ?? 0);
}

function notLater({ activity: { name } }: AttemptedCall): HoldfastError {
  return new HoldfastError(
    "HF-COMPLETE-LATER",
    `Cannot complete activity "${name}" later: it runs in a thread or as a local call. Leave out "isolate", or "local".`,
    { disposition: "terminal", outcome: "not-sent" },
  );
}

function notKept({ activity: { name } }: AttemptedCall): HoldfastError {
  return new HoldfastError(
    "HF-KEEP-NOWHERE",
    `Cannot keep details of activity "${name}": it runs in a thread or as a local call. Leave out "isolate", or "local".`,
    { disposition: "terminal", outcome: "not-sent" },
  );
}
