// The resilience guide's own patterns, written anew in TypeScript with the defects that they have: a breaker that counts
// every exception, a retry that goes on against an open breaker, and an executor whose memory of what it has
// placed ends with its process. They are here to be seen failing; nothing of Holdfast is made of them.

import { createHash } from "node:crypto";

/** What the guide's samples raise for an answer of 400 and more. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

export interface Time {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Opens after five failures, whatever failed; lets calls go again after a minute. */
export class GuideBreaker {
  readonly #time: Time;
  readonly #threshold = 5;
  readonly #coolingMs = 60_000;
  #failures = 0;
  #lastFailureAt = 0;
  #isOpen = false;

  constructor(time: Time) {
    this.#time = time;
  }

  get state(): "closed" | "open" | "half-open" {
    if (!this.#isOpen) return "closed";
    return this.#time.now() - this.#lastFailureAt >= this.#coolingMs ? "half-open" : "open";
  }

  async call<Value>(act: () => Promise<Value>): Promise<Value> {
    if (this.state === "open") throw new Error("The circuit breaker is open.");
    try {
      const value = await act();
      this.#failures = 0;
      this.#isOpen = false;
      return value;
    } catch (error) {
      // The defect: a refusal says that the venue is well, and counts like a dead line.
      this.#failures += 1;
      this.#lastFailureAt = this.#time.now();
      if (this.#failures >= this.#threshold) this.#isOpen = true;
      throw error;
    }
  }
}

const ATTEMPTS = 4;
const BASE_MS = 2_000;
const CAP_MS = 30_000;
const NEVER_AGAIN: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);

/** Tries four times; an open breaker has no status, so it is tried again like everything else. */
async function retry<Value>(time: Time, act: () => Promise<Value>): Promise<Value> {
  let last: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      last = error;
      if (error instanceof HttpError && NEVER_AGAIN.has(error.status)) throw error;
      if (attempt < ATTEMPTS - 1) await time.sleep(Math.min(CAP_MS, BASE_MS * 2 ** attempt));
    }
  }
  throw last;
}

export type Order = Readonly<Record<string, string | number>>;
export type Send = (order: Order, key: string) => Promise<{ readonly status: number }>;
export type Placed = "placed" | "skipped" | "dead";

/** Breaker, retry, a key made of the order, and a set of what was placed. */
export class GuideExecutor {
  readonly breaker: GuideBreaker;
  readonly #time: Time;
  readonly #send: Send;
  /** The defect: it lives as long as the process, and in it an equal order is never placed again. */
  readonly #placed = new Set<string>();
  readonly deadLetters: string[] = [];

  constructor(time: Time, send: Send) {
    this.breaker = new GuideBreaker(time);
    this.#time = time;
    this.#send = send;
  }

  async place(order: Order): Promise<Placed> {
    const canonical = JSON.stringify(
      Object.fromEntries(Object.entries(order).toSorted(([a], [b]) => a.localeCompare(b))),
    );
    const key = createHash("sha256").update(canonical).digest("hex").slice(0, 16);
    if (this.#placed.has(key)) return "skipped";
    try {
      await retry(this.#time, () =>
        this.breaker.call(async () => {
          const { status } = await this.#send(order, key);
          if (status >= 400) throw new HttpError(status);
        }),
      );
      this.#placed.add(key);
      return "placed";
    } catch {
      this.deadLetters.push(key);
      return "dead";
    }
  }
}
