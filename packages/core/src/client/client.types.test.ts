// Names and payloads that do not fit must not compile. Each expected error below is a test: it fails the
// type check when the mistake would be accepted.

import test from "node:test";
import { z } from "zod";
import { activity } from "../activity/definition.ts";
import { workflow } from "../workflow/definition.ts";
import { done } from "../workflow/loop.ts";
import { signal } from "../workflow/message.ts";
import type { Client } from "./client.ts";

const price = activity({
  name: "types.price",
  input: z.object({ symbol: z.string() }),
  output: z.number(),
  effect: "none",
  run: ({ symbol }) => symbol.length,
});

const stringToNumber = activity({
  name: "types.transform",
  input: z.string().transform(Number),
  output: z.number().transform(String),
  effect: "external",
  run: (input, a) => {
    const key: string = a.key;
    return input + key.length;
  },
});

const example = workflow({
  name: "types.example",
  input: z.object({ periods: z.number().default(3) }),
  output: z.object({ total: z.number() }),
  signals: { pause: z.object({ reason: z.string() }), resume: signal() },
  queries: { progress: z.object({ done: z.number() }) },
  run: async (ctx, input) => {
    const periods: number = input.periods;
    ctx.onSignal("pause", ({ reason }) => void reason.length);
    ctx.onSignal("resume", () => undefined);
    ctx.onQuery("progress", () => ({ done: 1 }));
    const text: string = await ctx.call(stringToNumber, "5");
    const result = await ctx.try(price, { symbol: text });
    // @ts-expect-error a result must be examined before its value is used
    void result.value;
    const last: number = await ctx.loop(0, async (n) => (n > 3 ? done(n) : n + 1));
    // @ts-expect-error no such signal
    ctx.onSignal("stop", () => undefined);
    // @ts-expect-error a query's answer must fit its schema
    ctx.onQuery("progress", () => ({ done: "1" }));
    // @ts-expect-error the input must fit
    await ctx.call(price, { symbol: 5 });
    // @ts-expect-error the input is required
    await ctx.call(price);
    // @ts-expect-error a duration has a unit
    await ctx.sleep("5");
    return { total: periods + last };
  },
});

const text = z.string();

const noTotal = (): unknown =>
  // @ts-expect-error money needs a total time-out
  activity({ name: "types.money", input: text, output: text, effect: "money", run: (x) => x });

const noEffect = (): unknown =>
  // @ts-expect-error an effect class is required
  activity({ name: "types.none", input: text, output: text, run: (x) => x });

async function calls(client: Client): Promise<void> {
  const run = await client.start(example, {}, { id: "a" });
  await run.signal("pause", { reason: "holiday" });
  await run.signal("resume");
  const progress: { done: number } = await run.query("progress");
  const output: { total: number } = await run.result();
  void [progress, output];
  // @ts-expect-error no such signal
  await run.signal("stop");
  // @ts-expect-error the payload is required
  await run.signal("pause");
  // @ts-expect-error the payload must fit
  await run.signal("pause", { reason: 5 });
  // @ts-expect-error no such query
  await run.query("state");
  // @ts-expect-error the input must fit
  await client.start(example, { periods: "3" }, { id: "a" });
  // @ts-expect-error an id is required
  await client.start(example, {}, {});
}

test("the types of definitions and client refuse what does not fit", () => {
  void [calls, noTotal, noEffect];
});
