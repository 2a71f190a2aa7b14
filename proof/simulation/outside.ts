// Those outside who send requests: each is sent until it is acknowledged or refused, with the same request id,
// and all are sent again after a journal was lost.

import { HoldfastError, type Operation, hasCode, toFailure } from "@holdfast/core";
import type { World } from "../world/world.ts";
import type { Counts } from "./counts.ts";
import type { Sent } from "./scenario.ts";

/** How long somebody waits before they send a request again, and how often they do. */
const AGAIN_MS = 20_000;
const TRIES_MAX = 400;

/** Refusals that a play may meet: its requests come late, twice, and for runs that are not there yet. */
const EXPECTED: ReadonlySet<string> = new Set([
  "HF-RUN-CLOSED",
  "HF-RUN-EXISTS",
  "HF-RUN-UNKNOWN",
  "HF-TOKEN-UNKNOWN",
  "HF-NOT-IN-DOUBT",
  "HF-RESEND-UNSAFE",
  "HF-NO-DEAD-LETTER",
  "HF-NOT-RESUMABLE",
  "SIM-NOTHING",
]);

export class Outside {
  readonly #world: World;
  readonly #counts: Counts;
  readonly #sent: Operation[] = [];
  readonly #going = new Set<Promise<void>>();
  /** Refusals that nobody expects. */
  readonly surprises: string[] = [];

  constructor(world: World, counts: Counts) {
    this.#world = world;
    this.#counts = counts;
  }

  /** Sends all in their time, and resolves when each has its answer. */
  async play(requests: readonly Sent[]): Promise<void> {
    const start = this.#world.clock.now();
    const ids = new Set<string>();
    for (const { at, operation } of requests) {
      await this.until(start + at);
      const isAgain = "requestId" in operation && ids.has(operation.requestId);
      if ("requestId" in operation) ids.add(operation.requestId);
      this.#counts.add(isAgain ? `${operation.kind} again` : operation.kind);
      this.#sent.push(operation);
      this.#go(operation);
    }
    await this.answered();
  }

  /** A journal was lost: whoever sent something sends it again. */
  sendAllAgain(): void {
    for (const operation of new Set(this.#sent)) this.#go(operation);
  }

  async answered(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }

  /** Waits until an instant of the world's time. */
  until(instant: number): Promise<void> {
    const { clock } = this.#world;
    if (instant <= clock.now()) return Promise.resolve();
    return new Promise((resolve) => {
      clock.setTimer(instant, resolve);
    });
  }

  /** Sends a request until it is acknowledged; false where it is refused. */
  async send(operation: Operation): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      try {
        await this.#world.engine.apply([operation]);
        return true;
      } catch (error) {
        const { code, disposition, message } = toFailure(error);
        this.#world.trace(`refused ${operation.kind}: ${code}`);
        const isEarly = hasCode(error, "HF-RUN-UNKNOWN") && tries < 60;
        if (disposition !== "retry" && !isEarly) {
          if (!EXPECTED.has(code)) this.surprises.push(`${operation.kind}: ${code}: ${message}`);
          return false;
        }
        await this.until(this.#world.clock.now() + AGAIN_MS);
      }
    }
    throw new HoldfastError("SIM-LATE", `${operation.kind} was never answered.`);
  }

  #go(operation: Operation): void {
    const going: Promise<void> = this.send(operation).then(() => {
      this.#going.delete(going);
    });
    this.#going.add(going);
  }
}
