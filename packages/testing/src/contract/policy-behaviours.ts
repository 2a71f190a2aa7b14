// Behaviours of policies: breakers and limits before attempts, and hedged reads.

import assert from "node:assert/strict";
import {
  type Activity,
  type ActivityContext,
  HoldfastError,
  type PoliciesOptions,
  type Provided,
  type Workflow,
  activity,
  meaningOf,
  provide,
  resource,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { passTime } from "./attempt-behaviours.ts";
import { code } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

const desk = resource<unknown>({
  name: "contract-desk",
  venue: { idempotency: "header", keyTtlMs: 86_400_000, settleMs: 1_000 },
  bind: (raw) => raw,
});
const resources: readonly Provided[] = [provide(desk, () => ({}))];
const policies: PoliciesOptions = { "contract-desk": { breaker: { failures: 2, cooling: "60s" } } };
const READ = "contract-desk/read";

/** What is sent to the venue, and what it does then. */
class Venue {
  readonly sent: { readonly input: number; readonly attempt: number; readonly at: number }[] = [];
  behave: (input: number, a: ActivityContext) => number | Promise<number> = down;

  run(input: number, a: ActivityContext): number | Promise<number> {
    this.sent.push({ input, attempt: a.attempt, at: a.now() });
    return this.behave(input, a);
  }
}

function down(): never {
  throw new HoldfastError("CONTRACT-DOWN", "The venue is down.", {
    ...meaningOf("http", 503),
    outcome: "not-sent",
  });
}

interface Asking {
  readonly money?: boolean;
  /** Calls at once; the answer is their sum. Default 1. */
  readonly calls?: number;
}

function asking(venue: Venue, over: Asking = {}): Workflow<number, number> {
  const common = {
    name: "contract.at-desk",
    input: z.number(),
    output: z.number(),
    uses: { desk },
    retry: { max: "1s" },
    run: (input: number, a: ActivityContext) => venue.run(input, a),
  } as const;
  const called: Activity<number, number> =
    over.money === true
      ? activity({ ...common, effect: "money", timeouts: { total: "30s" } })
      : activity({ ...common, effect: "none", timeouts: { total: "10m" } });
  return workflow({
    name: "contract.asking",
    input: z.number(),
    output: z.number(),
    run: async (ctx, input) => {
      const inputs = Array.from({ length: over.calls ?? 1 }, (_, n) => input + n);
      const answers = await Promise.all(inputs.map((asked) => ctx.call(called, asked)));
      return answers.reduce((sum, answer) => sum + answer, 0);
    },
  });
}

async function modeOf(world: World, name: string): Promise<string | undefined> {
  return (await world.engine.breakers()).find((found) => found.name === name)?.mode;
}

/** Run "a" asks a venue that is down, until that has failed it twice: this opens the breaker. */
async function failingTwice(world: World) {
  const venue = new Venue();
  const flow = asking(venue);
  await world.reopen([flow]);
  const start = world.clock.now();
  const result = (await world.client.start(flow, 1, { id: "a" })).result();
  result.catch(() => undefined);
  await passTime(world, result, 2_000);
  return { venue, flow, start, result };
}

export const policyBehaviours: readonly Behaviour[] = [
  {
    name: "a venue that fails in a row is let alone until it has cooled, and a wait for that is no attempt",
    definitions: () => [],
    resources,
    policies,
    async run(world) {
      const { venue, flow, start, result: first } = await failingTwice(world);
      assert.equal(await modeOf(world, READ), "open");
      const second = (await world.client.start(flow, 2, { id: "b" })).result();
      await world.settle();
      assert.equal(venue.sent.length, 2, "two failures open it");
      venue.behave = (input) => input;
      assert.deepEqual(await world.drive(Promise.all([first, second])), [1, 2]);
      const [third, fourth] = venue.sent.slice(2);
      assert.ok((third?.at ?? 0) >= start + 60_000, "nothing was sent while it cooled");
      const seen = [third, fourth].map((sent) => `${sent?.input}#${sent?.attempt}`);
      assert.deepEqual(seen.sort(), ["1#3", "2#1"]);
      assert.equal(await modeOf(world, READ), "closed");
    },
  },
  {
    name: "an open breaker outlives a crash of the engine",
    definitions: () => [],
    resources,
    policies,
    async run(world) {
      const { venue, flow, start } = await failingTwice(world);
      await world.reopen();
      assert.equal(await modeOf(world, READ), "open");
      venue.behave = (input) => input;
      assert.equal(await world.drive(world.client.run(flow, "a").result()), 1);
      assert.equal(venue.sent.length, 3);
      assert.ok((venue.sent[2]?.at ?? 0) >= start + 60_000, "nothing was sent while it cooled");
    },
  },
  {
    name: "a person holds a breaker open, across a crash, and lets it decide again",
    definitions: () => [],
    resources,
    policies,
    async run(world) {
      const venue = new Venue();
      venue.behave = (input) => input;
      const flow = asking(venue);
      await world.reopen([flow]);
      const said = { kind: "breaker", name: READ, actor: "ann", reason: "maintenance" } as const;
      await world.engine.apply([{ ...said, wish: "open" }]);
      await world.reopen();
      const result = (await world.client.start(flow, 1, { id: "a" })).result();
      await world.settle();
      assert.deepEqual([venue.sent.length, await modeOf(world, READ)], [0, "open"]);
      await world.engine.apply([{ ...said, wish: "auto" }]);
      assert.equal(await world.drive(result), 1);
      assert.equal(await modeOf(world, READ), "closed");
      const typo = { ...said, name: "contract-desk/raed", wish: "open" } as const;
      await assert.rejects(world.engine.apply([typo]), code("HF-BREAKER-UNKNOWN"));
    },
  },
  {
    name: "money at an open breaker is not sent, and fails as not sent when its total is over",
    definitions: () => [],
    resources,
    policies,
    async run(world) {
      const venue = new Venue();
      const flow = asking(venue, { money: true });
      await world.reopen([flow]);
      const result = (await world.client.start(flow, 1, { id: "a" })).result();
      result.catch(() => undefined);
      await assert.rejects(world.drive(result), (error: unknown) => {
        code("HF-BREAKER-OPEN")(error);
        assert.equal((error as HoldfastError).outcome, "not-sent");
        return true;
      });
      assert.equal(venue.sent.length, 2);
      assert.equal((await world.engine.dead()).letters[0]?.kind, "failed");
    },
  },
  {
    name: "refusals open no breaker, and are never tried again",
    definitions: () => [],
    resources,
    policies,
    async run(world) {
      const venue = new Venue();
      venue.behave = () => {
        throw new HoldfastError("CONTRACT-NO", "No.", meaningOf("http", 422));
      };
      const flow = asking(venue);
      await world.reopen([flow]);
      for (let n = 0; n < 4; n += 1) {
        const result = (await world.client.start(flow, n, { id: `run-${n}` })).result();
        await assert.rejects(world.drive(result), code("CONTRACT-NO"));
      }
      assert.deepEqual([venue.sent.length, await modeOf(world, READ)], [4, "closed"]);
    },
  },
  {
    name: "no more calls of an account are at a venue at once than its limit allows",
    definitions: () => [],
    resources,
    policies: { "contract-desk": { concurrency: 2 } },
    async run(world) {
      const venue = new Venue();
      let inside = 0;
      let most = 0;
      const both = Promise.withResolvers<void>();
      venue.behave = async (input) => {
        most = Math.max(most, (inside += 1));
        if (inside === 2) both.resolve();
        await both.promise;
        // Whoever is let in too many comes within this turn of the loop.
        await new Promise<void>((resolve) => {
          setImmediate(resolve);
        });
        inside -= 1;
        return input;
      };
      const flow = asking(venue);
      await world.reopen([flow]);
      const results = await world.drive(
        Promise.all(
          Array.from({ length: 6 }, async (_, n) =>
            (await world.client.start(flow, n, { id: `run-${n}` })).result(),
          ),
        ),
      );
      assert.deepEqual(results, [0, 1, 2, 3, 4, 5]);
      assert.equal(most, 2);
    },
  },
  {
    name: "an attempt that asks for a rest goes on, and no other call of its account is sent before that is over",
    definitions: () => [],
    resources,
    policies: {},
    async run(world) {
      for (const money of [false, true]) {
        const venue = new Venue();
        const second = Promise.withResolvers<void>();
        venue.behave = async (input, a) => {
          if (venue.sent.length > 1) second.resolve();
          else a.rest(20_000);
          await second.promise;
          return input;
        };
        const flow = asking(venue, { money, calls: 2 });
        await world.reopen([flow]);
        const run = await world.client.start(flow, 1, { id: `money-${String(money)}` });
        const result = run.result();
        await passTime(world, result, 25_000);
        assert.equal(await world.drive(result), 1 + 2);
        const [first, held] = venue.sent.map(({ at }) => at);
        assert.equal(venue.sent.length, 2, "a wait is no attempt");
        assert.ok((held ?? 0) >= (first ?? NaN) + 20_000, "nothing was sent while it rested");
      }
    },
  },
  {
    name: "a hedged read is answered by the try that answers first, within one attempt",
    definitions: () => [],
    async run(world) {
      const tries: number[] = [];
      const reasons: unknown[] = [];
      const hedged = activity({
        name: "contract.hedged",
        input: z.number(),
        output: z.number(),
        effect: "none",
        hedge: { after: "5s" },
        timeouts: { attempt: "1m" },
        run: (input, a) => {
          tries.push(a.attempt);
          if (tries.length > 1) return input * 10;
          return new Promise<number>((_resolve, reject) => {
            a.signal.addEventListener("abort", () => {
              reasons.push(a.signal.reason);
              reject(a.signal.reason as Error);
            });
          });
        },
      });
      const flow = workflow({
        name: "contract.hedging",
        input: z.number(),
        output: z.number(),
        run: (ctx, input) => ctx.call(hedged, input),
      });
      await world.reopen([flow]);
      const start = world.clock.now();
      const result = (await world.client.start(flow, 4, { id: "hedged" })).result();
      await passTime(world, result, 20_000);
      assert.equal(await result, 40);
      assert.deepEqual(tries, [1, 1]);
      assert.equal(reasons.length, 1);
      code("HF-HEDGE-LOST")(reasons[0]);
      assert.ok(world.clock.now() - start <= 20_000);
    },
  },
];
