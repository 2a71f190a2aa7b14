// The line in which calls wait for their attempts: who may run now, and beside whom. A call that is suspected of
// crash loops runs alone, and that it does is on disk before it begins and after it has ended.

import type { PendingCallState } from "./pending.ts";

/** Attempts that one process runs at once; the others wait in line. */
export const ATTEMPTS_MAX = 1_000;

/** Crashes in a row after which a call is run alone. */
export const CRASHES_UNTIL_ALONE = 2;

/** What to do with a call whose turn it is. */
type Begin = (call: PendingCallState) => void;

export interface LineOptions {
  /** Attempts in threads that are run at once. */
  readonly threads: number;
  /** Writes down what is known of a call; `then` once it is on disk. */
  readonly book: (call: PendingCallState, then: () => void) => void;
}

export class Line {
  readonly #options: LineOptions;
  readonly #alone = new Map<PendingCallState, Begin>();
  readonly #onLoop = new Map<PendingCallState, Begin>();
  readonly #inThread = new Map<PendingCallState, Begin>();
  readonly #onIdle: (() => void)[] = [];
  #running = 0;
  #threads = 0;
  #lone: PendingCallState | undefined;
  /** True while it is being written that the lone call begins, or has ended. */
  #isBooked = false;
  #isOpen = false;
  #isClosed = false;
  #advancing = false;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Attempts that have begun and not ended. */
  get running(): number {
    return this.#running;
  }

  /** Lets attempts begin: suspects first, while nothing else is in flight. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#advance();
  }

  /** Lets nothing begin any more. What was to be written will not be: nothing of the lone call is in flight then. */
  close(): void {
    this.#isClosed = true;
    for (const waiting of [this.#alone, this.#onLoop, this.#inThread]) waiting.clear();
    const lone = this.#lone;
    if (lone === undefined || !this.#isBooked) return;
    this.#isBooked = false;
    this.#left(lone);
  }

  /** Puts a call in line; it begins at once where nobody stands there. */
  enter(call: PendingCallState, begin: Begin): void {
    call.phase = "queued";
    const line = this.#lineOf(call);
    if (line === this.#onLoop && this.#isFree) {
      this.#running += 1;
      begin(call);
    } else {
      line.set(call, begin);
      this.#advance();
    }
  }

  /** Takes a call out of the line, where it stands there. */
  forget(call: PendingCallState): void {
    for (const waiting of [this.#alone, this.#onLoop, this.#inThread]) waiting.delete(call);
  }

  /** The attempt of a call that had its turn has ended. */
  leave(call: PendingCallState): void {
    if (call !== this.#lone || this.#isClosed) {
      this.#left(call);
      return;
    }
    call.alone = false;
    this.#book(call, () => {
      this.#lone = undefined;
      this.#left(call);
    });
  }

  /** Resolves when no attempt is in flight. */
  async quiet(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  get #isEmpty(): boolean {
    return this.#onLoop.size + this.#alone.size + this.#inThread.size === 0;
  }

  /** True when nobody is in line before a call on the loop. */
  get #isFree(): boolean {
    return (
      this.#isOpen &&
      !this.#advancing &&
      this.#lone === undefined &&
      this.#running < ATTEMPTS_MAX &&
      this.#onLoop.size + this.#alone.size === 0
    );
  }

  #lineOf(call: PendingCallState): Map<PendingCallState, Begin> {
    if (call.crashes >= CRASHES_UNTIL_ALONE) return this.#alone;
    return call.activity.thread === undefined ? this.#onLoop : this.#inThread;
  }

  #left(call: PendingCallState): void {
    this.#running -= 1;
    if (call.activity.thread !== undefined) this.#threads -= 1;
    this.#advance();
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Attempts that end at once lead back here: the loop that began them goes on instead. */
  #advance(): void {
    if (this.#advancing || !this.#isOpen || this.#isEmpty) return;
    this.#advancing = true;
    try {
      this.#beginAll();
    } finally {
      this.#advancing = false;
    }
  }

  #beginAll(): void {
    while (this.#lone === undefined && this.#running < ATTEMPTS_MAX) {
      const lone = this.#running === 0 ? first(this.#alone) : undefined;
      const mayThread = this.#threads < this.#options.threads;
      const next = lone ?? first(this.#onLoop) ?? (mayThread ? first(this.#inThread) : undefined);
      if (next === undefined) return;
      const [call, begin] = next;
      this.forget(call);
      this.#running += 1;
      if (call.activity.thread !== undefined) this.#threads += 1;
      if (lone === undefined) begin(call);
      else this.#beginAlone(call, begin);
    }
  }

  #beginAlone(call: PendingCallState, begin: Begin): void {
    this.#lone = call;
    call.alone = true;
    this.#book(call, () => {
      if (call.phase === "queued") begin(call);
      else this.leave(call);
    });
  }

  #book(call: PendingCallState, then: () => void): void {
    this.#isBooked = true;
    this.#options.book(call, () => {
      this.#isBooked = false;
      then();
    });
  }
}

function first<Key, Value>(map: ReadonlyMap<Key, Value>): readonly [Key, Value] | undefined {
  for (const entry of map) return entry;
  return undefined;
}
