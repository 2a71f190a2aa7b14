// The corners of the semantics, each by its name: where schemas are applied, what crosses the codec, what comes
// first when several things happen at once, what is refused.

import assert from "node:assert/strict";
import {
  type Activity,
  type CallOptions,
  HISTORY_ENTRIES_MAX,
  HoldfastError,
  type Workflow,
  activity,
  workflow,
} from "@holdfast/core";
import { z } from "zod";
import { code, double } from "./definitions.ts";
import type { Behaviour, World } from "./harness.ts";

const HOUR = 3_600_000;

/** Runs a workflow of its own to its end. */
function small<Output>(
  name: string,
  run: Parameters<typeof workflow<z.ZodUndefined, z.ZodType<Output, Output>>>[0]["run"],
  check: (output: Output, world: World) => void | Promise<void>,
): Behaviour {
  const flow = workflow({
    name: "contract.small",
    input: z.undefined(),
    output: z.custom<Output>(),
    run,
  });
  return {
    name,
    definitions: () => [flow],
    async run(world) {
      const started = await world.client.start(flow, undefined, { id: "small" });
      await check(await world.drive(started.result()), world);
    },
  };
}

/** A workflow that fails with a code. */
function refusedBehaviour(
  name: string,
  expected: string,
  run: Parameters<typeof workflow<z.ZodUndefined, z.ZodUnknown>>[0]["run"],
): Behaviour {
  const flow = workflow({
    name: "contract.refused",
    input: z.undefined(),
    output: z.unknown(),
    run,
  });
  return {
    name,
    definitions: () => [flow],
    async run(world) {
      const started = await world.client.start(flow, undefined, { id: "refused" });
      await assert.rejects(world.drive(started.result()), code(expected));
    },
  };
}

const values = {
  date: new Date(1_700_000_000_000),
  big: 2n ** 70n,
  bytes: new Uint8Array([0, 255, 7]),
  nothing: undefined,
  tagLike: { $hf: "date", value: "not one" },
  text: "\u{1F600} \u202E a",
  list: [1, null, "x", [true]],
};

const echo: Activity = activity({
  name: "contract.echo",
  input: z.unknown(),
  output: z.unknown(),
  effect: "none",
  run: (input) => input,
});

function parsing(times: { parsed: number }, tightened: boolean): Workflow<string, string> {
  return workflow({
    name: "contract.parsing",
    input: z.string().transform((text) => {
      times.parsed += 1;
      if (tightened) throw new Error("the schema is tighter today");
      return `${text}!`;
    }),
    output: z.string().transform((text) => `${text}?`),
    run: async (ctx, text) => {
      await ctx.sleep("1h");
      return text;
    },
  });
}

const racing = workflow({
  name: "contract.racing",
  input: z.undefined(),
  output: z.array(z.string()),
  signals: { go: z.string() },
  run: async (ctx) => {
    const seen: string[] = [];
    ctx.onSignal("go", (word) => {
      seen.push(word);
    });
    const first = await Promise.race([
      ctx.sleep("1h").then(() => "timer"),
      ctx.until(() => seen.length > 0).then(() => "signal"),
    ]);
    await ctx.sleep("1h");
    return [first, ...seen];
  },
});

const late = workflow({
  name: "contract.late-handler",
  input: z.undefined(),
  output: z.array(z.string()),
  signals: { word: z.string() },
  run: async (ctx) => {
    await ctx.sleep("1h");
    const words: string[] = [];
    ctx.onSignal("word", (word) => {
      words.push(word);
    });
    await ctx.until(() => words.length === 2);
    return words;
  },
});

const leaving = workflow({
  name: "contract.leaving",
  input: z.number(),
  output: z.string(),
  run: async (ctx, generation) => {
    if (generation === 1) return "left";
    void ctx.call(endless, 1);
    await ctx.sleep("1s");
    return ctx.continueAs(1);
  },
});

let hopeless = 0;
const endless = activity({
  name: "contract.endless",
  input: z.number(),
  output: z.number(),
  effect: "none",
  retry: { first: "10m", factor: 1 },
  run: () => {
    hopeless += 1;
    throw new Error("never");
  },
});

const keyed =
  (key: (ctx: { uuid: () => string; random: () => number }) => CallOptions) =>
  async (ctx: Parameters<Parameters<typeof workflow>[0]["run"]>[0]): Promise<unknown> =>
    ctx.call(double, 1, key(ctx));

export const cornerBehaviours: readonly Behaviour[] = [
  small(
    "values cross as they are: dates, big integers, bytes, undefined, odd text, what looks like our tags",
    async (ctx) => ctx.call(echo, values),
    (output) => {
      assert.deepEqual(output, values);
    },
  ),
  small(
    "what does not come back equal is refused by an activity's output with its path",
    async (ctx) => {
      const odd = activity({
        name: "contract.odd",
        input: z.undefined(),
        output: z.unknown(),
        effect: "none",
        run: () => ({ price: [1, Number.NaN] }),
      });
      const result = await ctx.try(odd, undefined);
      return result.ok ? "fine" : result.failure.message;
    },
    (message) => {
      assert.match(message, /price\[1\]|price\.1/u);
    },
  ),
  {
    name: "schemas are applied once, where a value enters; a replay does not apply them again",
    definitions: () => [],
    async run(world) {
      const times = { parsed: 0 };
      const before = parsing(times, false);
      await world.reopen([before]);
      const run = await world.client.start(before, "a", { id: "parsing" });
      assert.equal(times.parsed, 1);
      await world.reopen([parsing(times, true)]);
      assert.equal(await world.drive(run.result()), "a!?");
      assert.equal(times.parsed, 1);
    },
  },
  {
    name: "a timer and a signal of one instant have one order, which replay repeats",
    definitions: () => [racing],
    async run(world) {
      const run = await world.client.start(racing, undefined, { id: "racing" });
      await world.settle();
      world.clock.advanceTo(world.clock.now() + HOUR);
      await run.signal("go", "same instant");
      await world.settle();
      const before = (await world.engine.history("racing")).map(({ entry }) => entry.kind);
      await world.reopen();
      const [first, word] = await world.drive(run.result());
      const timerFirst = before.indexOf("fired") < before.indexOf("signal");
      assert.deepEqual([first, word], [timerFirst ? "timer" : "signal", "same instant"]);
    },
  },
  {
    name: "signals wait for their handler, in order, through a crash",
    definitions: () => [late],
    async run(world) {
      const run = await world.client.start(late, undefined, { id: "late" });
      await run.signal("word", "one");
      await run.signal("word", "two");
      await world.reopen();
      assert.deepEqual(await world.drive(run.result()), ["one", "two"]);
    },
  },
  {
    name: "continueAs() cancels other calls in flight",
    definitions: () => [leaving],
    async run(world) {
      hopeless = 0;
      const run = await world.client.start(leaving, 0, { id: "leaving" });
      assert.equal(await world.drive(run.result()), "left");
      world.clock.advanceTo(world.clock.now() + HOUR);
      await world.settle();
      assert.deepEqual([(await run.describe()).generation, hopeless], [1, 1]);
    },
  },
  small(
    "the loser of a race keeps its entry and goes on",
    async (ctx) => {
      const slow = ctx.call(double, 21);
      const winner = await Promise.race([slow.then(() => "call"), Promise.resolve("at once")]);
      return [winner, String(await slow)];
    },
    (output) => {
      assert.deepEqual(output, ["at once", "42"]);
    },
  ),
  small(
    "hundreds of calls at once are all answered",
    async (ctx) =>
      (await Promise.all(Array.from({ length: 500 }, (_, n) => ctx.call(double, n)))).reduce(
        (sum, n) => sum + n,
        0,
      ),
    (sum) => {
      assert.equal(sum, 500 * 499);
    },
  ),
  small(
    "a failure that is caught is an ordinary value, with its code and details",
    async (ctx) => {
      const poor = activity({
        name: "contract.poor",
        input: z.undefined(),
        output: z.undefined(),
        effect: "none",
        run: () => {
          throw new HoldfastError("POOR", "too poor", { details: { need: 5 } });
        },
      });
      try {
        await ctx.call(poor, undefined);
        return undefined;
      } catch (error) {
        const { code: found, details } = error as HoldfastError;
        return { found, details };
      }
    },
    (caught) => {
      assert.deepEqual(caught, { found: "POOR", details: { need: 5 } });
    },
  ),
  small(
    "sleepUntil() takes an instant or a Date, and the past is now",
    async (ctx) => {
      const start = ctx.now();
      await ctx.sleepUntil(new Date(start + HOUR));
      await ctx.sleepUntil(start);
      return ctx.now() - start;
    },
    (passed) => {
      assert.equal(passed, HOUR);
    },
  ),
  small(
    "info tells who the run is",
    async (ctx) => {
      const { id, root, workflow: name, generation, account, parent } = ctx.info;
      return { id, root, name, generation, account, parent };
    },
    (info) => {
      assert.deepEqual(info, {
        id: "small",
        root: "small",
        name: "contract.small",
        generation: 0,
        account: "default",
        parent: undefined,
      });
    },
  ),
  ...([Number.NaN, Number.POSITIVE_INFINITY, 101 * 366 * 24 * HOUR] as const).map((duration) =>
    refusedBehaviour(`sleep(${duration}) is refused`, "HF-DURATION-INVALID", async (ctx) =>
      ctx.sleep(duration),
    ),
  ),
  refusedBehaviour("sleepUntil(NaN) is refused", "HF-INSTANT-INVALID", async (ctx) =>
    ctx.sleepUntil(Number.NaN),
  ),
  refusedBehaviour(
    "a key drawn by uuid() is refused",
    "HF-KEY-RANDOM",
    keyed((ctx) => ({ key: `order-${ctx.uuid()}` })),
  ),
  refusedBehaviour(
    "a key drawn by random() is refused",
    "HF-KEY-RANDOM",
    keyed((ctx) => ({ key: String(ctx.random()) })),
  ),
  refusedBehaviour(
    "a key that is no id is refused",
    "HF-ID-INVALID",
    keyed(() => ({ key: "a\u0000b" })),
  ),
  refusedBehaviour(
    "a handler for an undeclared message is refused",
    "HF-MESSAGE-UNKNOWN",
    (ctx) => {
      ctx.onSignal("nonsense" as never, () => undefined);
      return Promise.resolve();
    },
  ),
  refusedBehaviour("until() throws what its predicate throws", "PREDICATE", async (ctx) =>
    ctx.until(() => {
      throw new HoldfastError("PREDICATE", "of course not");
    }),
  ),
  refusedBehaviour(
    `a history of more than ${HISTORY_ENTRIES_MAX} entries fails its run`,
    "HF-HISTORY-LIMIT",
    async (ctx) => {
      for (let n = 0; n <= HISTORY_ENTRIES_MAX; n += 1) ctx.memo({ n });
      return ctx.sleep("1h");
    },
  ),
  {
    name: "loop() after other waits is a bug that parks the run",
    definitions: () => [lateLoop],
    async run(world) {
      const run = await world.client.start(lateLoop, undefined, { id: "loop" });
      await world.settle();
      world.clock.advanceTo(world.clock.now() + HOUR);
      await world.settle();
      assert.equal((await run.describe()).problem?.code, "HF-LOOP-LATE");
    },
  },
];

const lateLoop = workflow({
  name: "contract.late-loop",
  input: z.undefined(),
  output: z.undefined(),
  run: async (ctx) => {
    await ctx.sleep("1h");
    await ctx.loop(0, async (n) => n);
    return undefined;
  },
});
