// The guard of one opening of a journal: its gateway, the gate that holds calls back, and the alarm at which modes
// change by themselves.

import type { Clock, Operation } from "@holdfast/core";
import { type Ask, GUARD, UNANSWERED, expireUnheard } from "@holdfast/guard";
import type { MakeGate } from "../call/gate.ts";
import type { Alarm, Alarms } from "../clock/alarms.ts";
import { Gateway, type GatewayOptions } from "./gateway.ts";
import { type Holding, holdGate } from "./hold.ts";

export interface SessionGuardOptions extends GatewayOptions {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly workflowOf: (row: number) => string;
  readonly apply: (operation: Operation) => Promise<unknown>;
  /** In the next commit. */
  readonly change: (ask: Ask<void>) => void;
  /** There is something to be written. */
  readonly onDue: () => void;
}

interface Asked<Result> {
  readonly carryOut: () => void;
  readonly answer: () => Result;
}

export class SessionGuard {
  readonly gateway: Gateway;
  readonly gate: MakeGate;
  readonly #options: SessionGuardOptions;
  readonly #holding: Holding;
  #alarm: Alarm | undefined;
  #alarmAt: number | undefined;
  /** The approval that is being ended. */
  #expiring: string | undefined;

  constructor(options: SessionGuardOptions) {
    this.#options = options;
    this.gateway = new Gateway(options, options.clock.now());
    this.#holding = holdGate(() => this.gateway, options.workflowOf);
    this.gate = this.#holding.make;
    this.#arm();
  }

  /** True where modes change by time alone, and that is to be written. */
  get isDue(): boolean {
    return this.gateway.isDue(this.#options.clock.now());
  }

  /** After a commit: tells, lets go on who waited, and ends what nobody has answered in time. */
  committed(): void {
    if (this.gateway.tell()) this.#holding.ring();
    const id = this.gateway.expired(this.#options.clock.now());
    if (id !== undefined && id !== this.#expiring) this.#expire(id);
    this.#arm();
  }

  #expire(id: string): void {
    this.#expiring = id;
    const word = { approved: false, isExpired: true, actor: GUARD, reason: UNANSWERED } as const;
    this.#options.apply({ kind: "answer", id, ...word }).catch(() => {
      // Its run cannot be told now.
      const { policy, clock } = this.#options;
      this.#options.change({ steps: () => expireUnheard(policy, id, clock.now()) });
    });
  }

  /** What a person asks for: to be carried out in a commit, and answered behind it. An error leaves nothing of it. */
  ask<Result>({ steps, changes }: Ask<Result>): Asked<Result> {
    const { guard } = this.#options.store;
    let done: { readonly value: Result } | { readonly error: unknown } | undefined;
    return {
      carryOut: () => {
        guard({ sql: "SAVEPOINT guard", values: [] });
        try {
          const value = this.gateway.change(steps());
          this.gateway.changed(changes?.(value) ?? []);
          done = { value };
        } catch (error) {
          guard({ sql: "ROLLBACK TO guard", values: [] });
          done = { error };
        }
        guard({ sql: "RELEASE guard", values: [] });
      },
      answer: () => {
        if (done === undefined) throw new Error("A guard's procedure was not carried out.");
        if ("error" in done) throw done.error;
        return done.value;
      },
    };
  }

  #arm(): void {
    const { nextAt } = this.gateway;
    if (nextAt === this.#alarmAt) return;
    const { alarms, onDue } = this.#options;
    alarms.cancel(this.#alarm);
    this.#alarmAt = nextAt;
    this.#alarm = nextAt === undefined ? undefined : alarms.set(nextAt, onDue);
  }
}
