// The venue under random commands, on a file that is closed and opened in between: every invariant holds after
// every transaction, money is accounted for to the last micro, and a key acts once.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Usdc, micros } from "@holdfast/core";
import * as fc from "fast-check";
import type { Command } from "./command/command.ts";
import { START, testFolder } from "./fixture/kit.ts";
import { type Venue, createVenue } from "./venue.ts";

const MINUTE_MS = 60_000;

type Step =
  | {
      readonly kind: "open";
      readonly amount: Usdc;
      readonly leverage: number;
      readonly short: boolean;
    }
  | { readonly kind: "close"; readonly pick: number }
  | { readonly kind: "close-all" }
  | { readonly kind: "claim" }
  | { readonly kind: "repeat"; readonly pick: number }
  | { readonly kind: "advance"; readonly minutes: number }
  | { readonly kind: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("open" as const),
      amount: fc.bigInt({ min: 1n, max: 30_000_000_000n }).map((amount) => micros(amount)),
      leverage: fc.integer({ min: 1, max: 50 }),
      short: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("close" as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "close-all" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "claim" } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("repeat" as const), pick: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      minutes: fc.integer({ min: 1, max: 5_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" } as const) },
);

interface Sent {
  readonly command: Command;
  readonly key: string;
  readonly at: number;
  readonly answer: { readonly status: number; readonly body: unknown };
}

class Run implements Disposable {
  venue: Venue;
  readonly agent: string;
  readonly #path: string;
  readonly #sent: Sent[] = [];
  readonly #positions: string[] = [];

  constructor(path: string) {
    this.#path = path;
    this.venue = this.#open();
    const registration = { operation: "register", name: "a", description: "" } as const;
    this.agent = String(this.venue.execute(registration, { agent: "" }).body["agent_id"]);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "open":
        return this.#send({
          operation: "open",
          symbol: "BTC-PERP",
          side: step.short ? "short" : "long",
          size: { kind: "value", amount: step.amount },
          leverage: step.leverage,
        });
      case "close": {
        const positionId = this.#positions[step.pick % Math.max(1, this.#positions.length)];
        return this.#send({ operation: "close", positionId: positionId ?? "pos_none" });
      }
      case "close-all":
      case "claim":
        return this.#send({ operation: step.kind });
      case "repeat":
        return this.#repeat(step.pick);
      case "advance":
        await this.venue.advanceTo(this.venue.clock.now() + step.minutes * MINUTE_MS);
        return undefined;
      case "restart":
        return this.#restart();
    }
  }

  [Symbol.dispose](): void {
    this.venue[Symbol.dispose]();
  }

  #open(): Venue {
    return createVenue({
      path: this.#path,
      seed: "property",
      clock: { mode: "frozen", now: START },
      durability: "relaxed",
      verify: true,
    });
  }

  #send(command: Command): void {
    const key = `key-${this.#sent.length}`;
    const { status, body } = this.venue.execute(command, { agent: this.agent, key, ref: key });
    if (command.operation === "open" && status === 200) {
      this.#positions.push(String(body["position_id"]));
    }
    if (status !== 404 && status !== 429) {
      this.#sent.push({ command, key, at: this.venue.clock.now(), answer: { status, body } });
    }
  }

  /** A repetition within 24 hours is answered as before and changes nothing. */
  #repeat(pick: number): void {
    const sent = this.#sent[pick % Math.max(1, this.#sent.length)];
    if (sent === undefined || this.venue.clock.now() - sent.at >= 86_400_000) return;
    const before = this.venue.portfolio(this.agent);
    const { command, key, answer } = sent;
    const again = this.venue.execute(command, { agent: this.agent, key, ref: key });
    assert.deepEqual(
      [again.status, again.body, again.replayed],
      [answer.status, answer.body, true],
    );
    assert.deepEqual(this.venue.portfolio(this.agent), before);
  }

  #restart(): void {
    const before = this.#state();
    this.venue[Symbol.dispose]();
    this.venue = this.#open();
    assert.deepEqual(this.#state(), before);
  }

  #state(): unknown {
    const { venue, agent } = this;
    return [
      venue.instanceId,
      venue.clock.now(),
      venue.portfolio(agent),
      venue.transactions(agent, 1_000),
      venue.audit(),
    ];
  }
}

describe("a venue", () => {
  test("keeps every invariant under random commands, time and restarts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        using folder = testFolder();
        using run = new Run(folder.path("venue.sqlite"));
        for (const one of steps) await run.take(one);
        const { venue, agent } = run;
        const { duplicateEffects, ledgerSum, invariants } = venue.audit();
        assert.deepEqual([duplicateEffects, ledgerSum], [0, "0"]);
        assert.ok(invariants.every(({ holds }) => holds));
        const change = venue
          .transactions(agent, 1_000)
          .reduce((sum, one) => sum + BigInt(one.amount_micros), 0n);
        assert.equal(change, BigInt(venue.balance(agent).usdc_micros));
      }),
      { numRuns: 40 },
    );
  });

  test("repeats exactly under the same seeds", async () => {
    const play = async (): Promise<unknown> => {
      using venue = createVenue({
        path: ":memory:",
        identitySeed: "same",
        clock: { mode: "frozen", now: START },
      });
      const registration = { operation: "register", name: "a", description: "" } as const;
      const { body } = venue.execute(registration, { agent: "" });
      const agent = String(body["agent_id"]);
      const size = { kind: "value", amount: micros(25_000_000n) } as const;
      const order = {
        operation: "open",
        symbol: "ETH-PERP",
        side: "long",
        size,
        leverage: 2,
      } as const;
      const opened = venue.execute(order, { agent });
      await venue.advanceTo(START + MINUTE_MS);
      const closed = venue.execute({ operation: "close-all" }, { agent });
      return [body, opened.body, closed.body];
    };
    assert.deepEqual(await play(), await play());
  });

  test("is another venue in another file, with other secrets", () => {
    const make = (): readonly unknown[] => {
      using venue = createVenue({ path: ":memory:" });
      const registration = { operation: "register", name: "a", description: "" } as const;
      const { body } = venue.execute(registration, { agent: "" });
      return [venue.instanceId, body["agent_id"], body["api_key"]];
    };
    const [one, two] = [make(), make()];
    for (const [index, value] of one.entries()) assert.notEqual(value, two[index]);
  });
});
