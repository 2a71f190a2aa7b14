// Attempts in threads of the worker, by the engine's own runner: as many at once as it has threads, the others
// wait in line.

import type { Clock, Encoded, Log } from "@holdfast/core";
import {
  Alarms,
  type AttemptHost,
  type AttemptSignal,
  type AttemptedCall,
  Threads,
} from "@holdfast/engine/activity-side";

type Host<Call extends AttemptedCall> = Pick<AttemptHost<Call>, "onHeartbeat" | "onRest">;

export class ThreadLine<Call extends AttemptedCall> {
  readonly #alarms: Alarms;
  readonly #threads: Threads<Call>;
  readonly #hosts = new WeakMap<Call, Host<Call>>();
  readonly #line: (() => void)[] = [];
  #free: number;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#alarms = new Alarms(clock);
    this.#threads = new Threads({
      alarms: this.#alarms,
      host: {
        log,
        now: () => clock.now(),
        onHeartbeat: (call, details) => this.#hosts.get(call)?.onHeartbeat(call, details),
        onRest: (call, ms) => this.#hosts.get(call)?.onRest(call, ms),
      },
    });
    this.#free = this.#threads.size;
  }

  /** Resolves when a thread is free, or when it is not wanted any more; the thread is free again with what it gives. */
  async enter(unwanted: AbortSignal[]): Promise<Disposable> {
    if (this.#free > 0) {
      this.#free -= 1;
      return this.#turn();
    }
    const { promise, resolve } = Promise.withResolvers<Disposable>();
    const begin = (): void => resolve(this.#turn());
    this.#line.push(begin);
    const leave = (): void => {
      const place = this.#line.indexOf(begin);
      if (place === -1) return;
      this.#line.splice(place, 1);
      resolve({ [Symbol.dispose]: () => undefined });
    };
    const gone = AbortSignal.any(unwanted);
    if (gone.aborted) leave();
    else gone.addEventListener("abort", leave, { once: true });
    return promise;
  }

  /** Runs one attempt; gives its output, parsed and encoded. */
  run(call: Call, host: Host<Call>, signal: AttemptSignal): Promise<Encoded> {
    this.#hosts.set(call, host);
    return this.#threads.run(call, signal);
  }

  async close(): Promise<void> {
    this.#alarms[Symbol.dispose]();
    await this.#threads.close();
  }

  #turn(): Disposable {
    return {
      [Symbol.dispose]: () => {
        const next = this.#line.shift();
        if (next === undefined) this.#free += 1;
        else next();
      },
    };
  }
}
