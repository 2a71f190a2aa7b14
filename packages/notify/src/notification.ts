// A notice is a run: what was raised is told although the process dies, once in its episode, by each channel in its
// own time, and its end is told as well. An episode lasts as long as its run.

import { type Activity, type Workflow, activity, workflow } from "@holdfast/core";
import { z } from "zod";
import { Message, Notice } from "./notice.ts";
import { type Route, notifier } from "./notifier.ts";

const Routes = z.array(z.object({ channel: z.string(), at: z.number() }));

/** Which channels hear of a notice, and from when on. */
export const routeNotice: Activity<z.input<typeof Notice>, z.output<typeof Routes>> = activity({
  name: "notify.route",
  input: Notice,
  output: Routes,
  effect: "none",
  uses: { notifier },
  run: (notice, a) => [...a.use(notifier).route(notice, a.now())],
});

const Sent = z.object({ channel: z.string(), message: Message });

/** Tells one channel. Given up after a day. */
export const sendNotice: Activity<z.input<typeof Sent>, string> = activity({
  name: "notify.send",
  input: Sent,
  output: z.string(),
  effect: "external",
  uses: { notifier },
  queue: "notify",
  timeouts: { attempt: "15s", total: "24h" },
  retry: { first: "2s", max: "10m" },
  run: async ({ channel, message }, a) => {
    const { key, signal: aborted } = a;
    await a.use(notifier).send(channel, message, { key, signal: aborted, now: a.now() });
    return channel;
  },
});

const Told = z.object({
  /** Channels that took it. */
  told: z.array(z.string()),
  /** Channels that did not, and why. */
  untold: z.array(z.object({ channel: z.string(), code: z.string(), message: z.string() })),
});

export type Told = z.output<typeof Told>;

const Over = z.object({ text: z.string().default("It is over.") });

/**
 * Tells a notice by all channels that take its level, each until it has taken it or a day is over; in quiet hours
 * only what is critical. A notice that lasts waits for the signal `over`, and tells that, too, where it was told. One
 * that is over before it was told anywhere is not told.
 *
 * Start it under an id made of the episode: as long as that run is open, the same is not told again.
 *
 * @example
 * await client.start(notification, { episode: "feed", level: "warning", title: "The feed is stale", text: "" },
 *   { id: "notify/feed", onClosed: "restart", effects: "again" });
 */
export const notification: Workflow<
  z.input<typeof Notice>,
  Told,
  { readonly over: typeof Over }
> = workflow({
  name: "notify.notice",
  input: Notice,
  output: Told,
  signals: { over: Over },
  // It tells of what others wait for.
  priority: "high",
  run: async (ctx, notice) => {
    let end: z.output<typeof Over> | undefined;
    ctx.onSignal("over", (over) => {
      end ??= over;
    });
    const { episode, level, title, lasts } = notice;
    const raisedAt = ctx.now();
    const untold: Told["untold"] = [];
    const tell = async (channel: string, message: Message): Promise<boolean> => {
      const key = `${channel}/${message.state}`;
      const sent = await ctx.try(
        sendNotice,
        { channel, message },
        { key, ref: `${ctx.info.id}/${key}` },
      );
      if (sent.ok) return true;
      const { code, message: why } = sent.failure;
      ctx.log.error(`A notice was not told: ${why}`, { channel, code });
      untold.push({ channel, code, message: why });
      return false;
    };
    const raise = async ({ channel, at }: Route): Promise<boolean> => {
      const waitMs = at - ctx.now();
      if (waitMs > 0 && (await ctx.until(() => end !== undefined, waitMs))) return false;
      return tell(channel, {
        episode,
        level,
        state: "raised",
        title,
        text: notice.text,
        at: raisedAt,
      });
    };
    const close = async (channel: string): Promise<void> => {
      await ctx.until(() => end !== undefined);
      await tell(channel, {
        episode,
        level,
        state: "over",
        title,
        text: end?.text ?? "",
        at: ctx.now(),
      });
    };
    const routes = await ctx.call(routeNotice, notice, { key: "route" });
    const told = await Promise.all(
      routes.map(async (route) => {
        const isTold = await raise(route);
        if (isTold && lasts) await close(route.channel);
        return isTold ? [route.channel] : [];
      }),
    );
    if (lasts) await ctx.until(() => end !== undefined);
    return { told: told.flat(), untold };
  },
});
