// Those outside who send requests: each is sent until it is acknowledged or refused, with the same request id,
// and all are sent again after a journal was lost.

import { HoldfastError, type Operation, hasCode, toFailure } from "@holdfast/core";
import type { World } from "../world/world.ts";
import type { Counts } from "./counts.ts";
import type { Asked, Sent } from "./scenario.ts";

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
  // A run that begins later answers nothing before.
  "HF-QUERY-UNKNOWN",
  "HF-NO-DEAD-LETTER",
  "HF-NOT-RESUMABLE",
  "SIM-NOTHING",
]);

export class Outside {
  readonly #world: World;
  readonly #counts: Counts;
  readonly #sent: (readonly Operation[])[] = [];
  readonly #going = new Set<Promise<void>>();
  #hasLost = false;
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
    for (const { at, operations } of requests) {
      await this.until(start + at);
      for (const operation of operations) {
        const isAgain = "requestId" in operation && ids.has(operation.requestId);
        if ("requestId" in operation) ids.add(operation.requestId);
        this.#counts.add(isAgain ? `${operation.kind} again` : operation.kind);
      }
      this.#sent.push(operations);
      this.#go(operations);
    }
    await this.answered();
  }

  /** Asks runs; whether there is an answer depends on whether they are there. */
  async ask(questions: readonly Asked[]): Promise<void> {
    const start = this.#world.clock.now();
    const asked = questions.map(async ({ at, id, query }) => {
      await this.until(start + at);
      try {
        await this.#world.engine.query({ id, query });
        this.#counts.add("query");
      } catch (error) {
        const { code, disposition, message } = toFailure(error);
        if (disposition !== "retry" && !EXPECTED.has(code))
          this.surprises.push(`query: ${code}: ${message}`);
      }
    });
    await Promise.all(asked);
  }

  /** A journal was lost: whoever sent something sends it again. */
  sendAllAgain(): void {
    this.#hasLost = true;
    for (const operations of new Set(this.#sent)) this.#go(operations);
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
  async send(...operations: readonly Operation[]): Promise<boolean> {
    const kinds = operations.map(({ kind }) => kind).join(" and ");
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      try {
        await this.#world.engine.apply(operations);
        return true;
      } catch (error) {
        const { code, disposition, message } = toFailure(error);
        this.#world.trace(`refused ${kinds}: ${code}`);
        const isEarly = hasCode(error, "HF-RUN-UNKNOWN") && tries < 60;
        if (disposition !== "retry" && !isEarly) {
          if (!EXPECTED.has(code)) this.surprises.push(`${kinds}: ${code}: ${message}`);
          return false;
        }
        await this.until(this.#world.clock.now() + AGAIN_MS);
      }
    }
    throw new HoldfastError("SIM-LATE", `${kinds} was never answered.`);
  }

  #go(operations: readonly Operation[]): void {
    const going: Promise<void> = this.send(...operations)
      .then((isSent) => (isSent ? this.#hear(operations) : undefined))
      .catch((error: unknown) => {
        this.surprises.push(toFailure(error).message);
      })
      .finally(() => {
        this.#going.delete(going);
      });
    this.#going.add(going);
  }
  /** Waits for the answers of updates, for a while. */
  async #hear(operations: readonly Operation[]): Promise<void> {
    for (const operation of operations) {
      if (operation.kind !== "update") continue;
      const { id, requestId } = operation;
      try {
        await this.#world.engine.updated({ id, requestId, timeoutMs: 3_600_000 });
        this.#counts.add("answer of an update");
      } catch (error) {
        const { code, disposition, message } = toFailure(error);
        const isLost = this.#hasLost && code === "HF-UPDATE-UNKNOWN";
        if (disposition !== "retry" && !isLost && !EXPECTED.has(code))
          this.surprises.push(`answer of an update: ${code}: ${message}`);
      }
    }
  }
}
