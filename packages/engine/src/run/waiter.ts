// What a workflow's function waits for: each is a command, and a promise that a later fact settles.

import type { Standstill, Activity, ChildOptions, Command } from "@holdfast/core";
import type { CancelScope } from "./cancel-scope.ts";

export interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface Waiter extends Settle {
  readonly scope: CancelScope;
}

export interface CallWaiter extends Waiter {
  readonly activity: Activity;
  readonly command: Command & { readonly kind: "call" };
  /** The input decoded, where it is at hand: for the first attempt, which takes it. */
  input: unknown;
  /** Set while nobody may try it again by itself. */
  parked: Standstill | undefined;
  /** It is not to be sent any more; what was sent is waited for. */
  cancelAsked: boolean;
}

export interface TimerWaiter extends Waiter {
  readonly at: number;
}

export interface ChildWaiter {
  readonly scope: CancelScope;
  readonly command: Command & { readonly kind: "child" };
  readonly onCancel: NonNullable<ChildOptions["onCancel"]>;
  readonly begun: Settle;
  readonly ended: Settle;
  cancelAsked: boolean;
}
