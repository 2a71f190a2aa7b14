// Everything that one run waits for, by number, and what a cancellation does to it.

import { type Command, HoldfastError, PENDING_MAX } from "@holdfast/core";
import { cancelled } from "./cancelled.ts";
import { Conditions } from "./conditions.ts";
import { LazyMap } from "./lazy-map.ts";
import type { CallWaiter, ChildWaiter, Settle, TimerWaiter } from "./waiter.ts";

type Kind = "call" | "timer" | "child" | "send";

export class Waiting {
  readonly calls = new Map<number, CallWaiter>();
  readonly timers = new LazyMap<number, TimerWaiter>();
  /** Children that are waited for. */
  readonly children = new LazyMap<number, ChildWaiter>();
  /** Children that have not ended, waited for or not. */
  readonly openChildren = new LazyMap<number, Command & { readonly kind: "child" }>();
  readonly sends = new LazyMap<number, Settle>();
  readonly conditions: Conditions = new Conditions();
  readonly #next: Record<Kind, number> = { call: 0, timer: 0, child: 0, send: 0 };
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  /** True when nothing of ctx can wake the function. */
  get isEmpty(): boolean {
    return (
      this.calls.size === 0 &&
      this.timers.size === 0 &&
      this.children.size === 0 &&
      this.sends.size === 0 &&
      this.conditions.isEmpty
    );
  }

  /**
   * The number of the next thing to wait for.
   *
   * @throws HF-PENDING-LIMIT
   */
  next(kind: Kind): number {
    if (this.#open(kind) >= PENDING_MAX) throw tooMany(this.#id, kind);
    return this.#next[kind]++;
  }

  /** The earliest timer. */
  get wakeAt(): number | undefined {
    let earliest: number | undefined;
    for (const timer of this.timers.values()) {
      if (earliest === undefined || timer.at < earliest) earliest = timer.at;
    }
    return earliest;
  }

  get hasOpenMoney(): boolean {
    for (const call of this.calls.values()) if (call.command.effect === "money") return true;
    return false;
  }

  /** Interrupts whatever stands in a scope that is cancelled now. */
  interrupt(command: (command: Command) => void): void {
    const error = (reason: string): HoldfastError => cancelled(this.#id, reason);
    for (const [call, waiter] of this.calls) {
      const reason = waiter.scope.cancelled;
      if (reason === undefined || waiter.cancelAsked) continue;
      if (waiter.command.effect === "money") {
        // A money call is never torn: it settles, and the next wait is refused.
        waiter.cancelAsked = true;
        command({ kind: "call-cancel-asked", call });
        continue;
      }
      this.calls.delete(call);
      command({ kind: "call-cancelled", call });
      waiter.reject(error(reason));
    }
    for (const [timer, waiter] of this.timers) {
      const reason = waiter.scope.cancelled;
      if (reason === undefined) continue;
      this.timers.delete(timer);
      command({ kind: "timer-cancelled", timer });
      waiter.reject(error(reason));
    }
    this.#interruptChildren(command, error);
    this.conditions.interrupt(error);
  }

  clear(): void {
    this.calls.clear();
    this.timers.clear();
    this.children.clear();
    this.sends.clear();
    this.conditions.clear();
  }

  #interruptChildren(
    command: (command: Command) => void,
    error: (reason: string) => HoldfastError,
  ): void {
    for (const [child, waiter] of this.children) {
      const reason = waiter.scope.cancelled;
      if (reason === undefined || waiter.cancelAsked) continue;
      waiter.cancelAsked = true;
      if (waiter.onCancel === "wait") {
        command({ kind: "child-cancel-asked", child, reason });
        continue;
      }
      this.children.delete(child);
      command({ kind: "child-cancelled", child, ask: waiter.onCancel === "ask" });
      waiter.begun.reject(error(reason));
      waiter.ended.reject(error(reason));
    }
  }

  #open(kind: Kind): number {
    switch (kind) {
      case "call":
        return this.calls.size;
      case "timer":
        return this.timers.size;
      case "child":
        return this.openChildren.size;
      case "send":
        return this.sends.size;
    }
  }
}

const KINDS: Readonly<Record<Kind, string>> = {
  call: "calls",
  timer: "timers",
  child: "children",
  send: "messages to other runs",
};

function tooMany(id: string, kind: Kind): HoldfastError {
  return new HoldfastError(
    "HF-PENDING-LIMIT",
    `Cannot add to what run "${id}" waits for: ${PENDING_MAX} ${KINDS[kind]} are open already. Await some of them first.`,
    { class: "resource" },
  );
}
