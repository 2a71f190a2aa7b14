// Workflows that give every kind of command and meet every kind of fact. The sandbox of another engine runs them
// too, so nothing here needs Node.

import {
  HoldfastError,
  type WorkflowContext,
  activity,
  done,
  signal,
  toFailure,
  workflow,
} from "@holdfast/core";
import { z } from "zod";

export const double = activity({
  name: "every.double",
  input: z.number(),
  output: z.number(),
  effect: "none",
  run: (n) => n * 2,
});

/** Fails twice, then answers. */
export const flaky = activity({
  name: "every.flaky",
  input: z.string(),
  output: z.number(),
  effect: "none",
  retry: { first: "1s" },
  run: (_name, a) => {
    if (a.attempt < 3) throw new Error("not yet");
    return a.attempt;
  },
});

export const refusing = activity({
  name: "every.refusing",
  input: z.string(),
  output: z.string(),
  effect: "none",
  run: (text) => {
    throw new HoldfastError("EVERY-REFUSED", text, { disposition: "refused", outcome: "refused" });
  },
});

/** Wants to be asked again in a month, each time. */
export const endless = activity({
  name: "every.endless",
  input: z.void(),
  output: z.void(),
  effect: "none",
  timeouts: { total: "300d" },
  run: () => {
    throw new HoldfastError("EVERY-LATER", "not now", {
      disposition: "retry-after",
      outcome: "not-sent",
      retryAfterMs: 30 * 24 * 3_600_000,
    });
  },
});

const Task = z.object({ kind: z.enum(["double", "fail", "wait"]), n: z.number().default(0) });

export const child = workflow({
  name: "every.child",
  input: Task,
  output: z.number(),
  signals: { go: signal() },
  run: async (ctx, { kind, n }) => {
    let went = false;
    ctx.onSignal("go", () => {
      went = true;
    });
    if (kind === "fail") throw new HoldfastError("EVERY-CHILD", "failed on purpose");
    if (kind === "wait") await ctx.until(() => went);
    return ctx.call(double, n);
  },
});

const codeOf = (error: unknown): string => toFailure(error).code;

/** Parts that are cancelled: by time, with all they wait for, and by hand before anything has left. */
async function scopes(ctx: WorkflowContext): Promise<readonly string[]> {
  const byTime = ctx.scope(
    (s) =>
      Promise.all([s.call(endless), s.call(endless, undefined, { local: true }), s.sleep("10d")]),
    {
      timeout: "5m",
    },
  );
  const timed = await byTime.then(() => "", codeOf);
  const byHand = ctx.scope((s) => Promise.all([s.call(double, 7), s.sleep("10d")]));
  byHand.cancel("not needed");
  const hand = await byHand.then(() => "", codeOf);
  const shielded = ctx.scope((s) => s.shield((inner) => inner.call(double, 8)));
  shielded.cancel("not heard");
  await shielded;
  return [timed, hand];
}

/** Children that end well and badly, that are asked to end, and messages to them and to nobody. */
async function children(ctx: WorkflowContext): Promise<readonly unknown[]> {
  const doubled = await ctx.child(child, { kind: "double", n: 3 });
  const failed = await ctx.child(child, { kind: "fail" }).catch(codeOf);
  const long = await ctx.startChild(child, { kind: "wait", n: 2 }, { id: `${ctx.info.id}-long` });
  const exists = await ctx
    .startChild(child, { kind: "wait" }, { id: "taken" })
    .then(String, codeOf);
  await long.signal("go");
  const waited = await long.result();
  const asked = await ctx
    .scope((s) => s.child(child, { kind: "wait" }, { tags: { asked: true }, memo: { n: 1n } }), {
      timeout: "1m",
    })
    .then(String, codeOf);
  const left = await ctx
    .scope((s) => s.child(child, { kind: "wait" }, { onCancel: "ask" }), { timeout: "1m" })
    .then(String, codeOf);
  const nobody = ctx.run(child, "nobody");
  const lost = await nobody.signal("go").then(() => "", codeOf);
  const alone = await nobody.cancel().then(() => "", codeOf);
  return [doubled, failed, exists, waited, asked, left, lost, alone];
}

export const every = workflow({
  name: "every.command",
  input: z.object({ until: z.number() }),
  output: z.record(z.string(), z.unknown()),
  signals: { go: signal() },
  updates: { add: { input: z.number(), output: z.number() } },
  run: async (ctx, { until }) => {
    let went = false;
    let total = 0;
    ctx.onSignal("go", () => {
      went = true;
    });
    ctx.onUpdate("add", {
      validate: (n) => {
        if (n < 0) throw new HoldfastError("EVERY-NEGATIVE", "too little");
      },
      apply: async (n) => {
        if (n === 0) throw new HoldfastError("EVERY-NOTHING", "nothing to add");
        total += await ctx.call(double, n);
        return total;
      },
    });
    const report: Record<string, unknown> = {};
    ctx.tag({ stage: "begun", step: 1 });
    ctx.memo({ text: "begun", at: new Date(ctx.now()), big: 1n });
    report["isNew"] = ctx.patched("new-way");
    report["chance"] = [ctx.random(), ctx.uuid()];

    report["local"] = await ctx.call(double, 4, { local: true });
    report["refusedLocally"] = await ctx.call(refusing, "local", { local: true }).catch(codeOf);
    // Its first attempt fails, so other things happen before its outcome.
    const retried = ctx.call(flaky, "locally", { local: true, key: "locally" });
    await Promise.all([retried, ctx.sleep("1ms"), ctx.call(double, 6)]);
    report["retriedLocally"] = await retried;
    report["flaky"] = await ctx.call(flaky, "retried", { key: "flaky" });
    const refused = await ctx.try(refusing, "no");
    report["refused"] = refused.ok ? "" : refused.failure.code;
    report["race"] = await Promise.race([ctx.call(double, 1), ctx.sleep("2h").then(() => 0)]);
    report["late"] = await ctx.until(() => went, "1m");
    report["held"] = await ctx.until(() => went, "1d");

    report["scope"] = await scopes(ctx);
    ctx.tag({ stage: "scoped" });
    report["children"] = await children(ctx);
    ctx.memo({ text: "children have ended" });
    report["saga"] = await ctx
      .saga(async (saga, s) => {
        saga.compensate("first", (undo) => undo.call(double, 100));
        saga.compensate("second", (undo) => undo.call(double, 200));
        await s.call(double, 5);
        await s.call(refusing, "step");
      })
      .catch(codeOf);
    await ctx.until(() => total >= until);
    report["total"] = total;
    return report;
  },
});

/** Continues as new, by itself and with signals that nobody has taken yet. */
export const looping = workflow({
  name: "every.loop",
  input: z.object({ rounds: z.number() }),
  output: z.number(),
  signals: { go: signal(), later: z.number() },
  run: async (ctx, { rounds }) => {
    let sum = 0;
    return ctx.loop({ round: 0 }, async ({ round }) => {
      if (round === rounds) {
        ctx.onSignal("later", (n) => {
          sum += n;
        });
        await ctx.until(() => sum > 0);
        return done(sum);
      }
      if (round === 0) ctx.tag({ round });
      await ctx.call(double, round);
      await ctx.sleep("1h");
      return { round: round + 1 };
    });
  },
});

let isMended = false;

/** Fails the first time that it is called. */
const mending = activity({
  name: "every.mending",
  input: z.void(),
  output: z.void(),
  effect: "none",
  run: () => {
    if (isMended) return;
    isMended = true;
    throw new HoldfastError("EVERY-BROKEN", "it fails the first time", { disposition: "terminal" });
  },
});

/** Fails by its activity, and can be resumed. */
export const failing = workflow({
  name: "every.failing",
  input: z.void(),
  output: z.void(),
  run: async (ctx) => {
    await ctx.call(double, 1);
    await ctx.call(mending);
  },
});

/** Nobody learns what became of it. */
const doubtful = activity({
  name: "every.doubtful",
  input: z.void(),
  output: z.void(),
  effect: "money",
  timeouts: { total: "1m" },
  run: () => {
    throw new HoldfastError("EVERY-SILENCE", "no answer", { class: "network" });
  },
});

export const paying = workflow({
  name: "every.paying",
  input: z.void(),
  output: z.void(),
  run: async (ctx) => {
    await ctx.call(double, 1);
    await Promise.all([ctx.call(doubtful), ctx.sleep("1d")]);
  },
});
