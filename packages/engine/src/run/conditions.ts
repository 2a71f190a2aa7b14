// The predicates that a workflow waits for with `ctx.until`: looked at after every fact, in the order in which
// they were asked.

import type { Waiter } from "./waiter.ts";

export interface Condition extends Waiter {
  readonly predicate: () => boolean;
  /** The timer of its time-out. */
  readonly timer: number | undefined;
}

export class Conditions {
  #waiting: readonly Condition[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  add(condition: Condition): void {
    this.#waiting = [...this.#waiting, condition];
  }

  /** Removes the condition whose time is up. */
  drop(timer: number): void {
    this.#waiting = this.#waiting.filter((condition) => condition.timer !== timer);
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Rejects all whose scope is cancelled. */
  interrupt(error: (reason: string) => Error): void {
    const before = this.#waiting;
    this.#waiting = before.filter(({ scope }) => scope.cancelled === undefined);
    for (const condition of before) {
      const reason = condition.scope.cancelled;
      if (reason !== undefined) condition.reject(error(reason));
    }
  }

  /** Resolves those that hold now, and rejects those that throw; true when that set code going. */
  wake(onTimer: (timer: number) => void): boolean {
    if (this.isEmpty) return false;
    const waiting: Condition[] = [];
    const held: Condition[] = [];
    for (const condition of this.#waiting) {
      try {
        (condition.predicate() ? held : waiting).push(condition);
      } catch (error) {
        condition.reject(error);
      }
    }
    const moved = waiting.length < this.#waiting.length;
    this.#waiting = waiting;
    for (const condition of held) {
      if (condition.timer !== undefined) onTimer(condition.timer);
      condition.resolve(true);
    }
    return moved;
  }
}
