// Activities that take long: one goes on where it stopped, one is completed by a person, one says when to come
// back. The one that calculates is in backtest.ts.

import { type Client, activity, failure, resource } from "holdfast";
import { z } from "zod";

export interface Feed {
  page(number: number): Promise<void>;
}
export const feed = resource<Feed>({ name: "example.feed", bind: (raw) => raw });

export interface Mail {
  send(text: string): Promise<void>;
}
export const mail = resource<Mail>({ name: "example.mail", bind: (raw) => raw });

export const backfill = activity({
  name: "example.backfill",
  input: z.object({ pages: z.number() }),
  output: z.number(),
  effect: "external",
  timeouts: { attempt: "1h", heartbeat: "30s", total: "12h" },
  run: async ({ pages }, a) => {
    for (let page = Number(a.lastHeartbeat ?? 0); page < pages; page += 1) {
      await a.use(feed).page(page);
      a.heartbeat(page + 1);
    }
    return pages;
  },
});

export const approve = activity({
  name: "example.approve",
  input: z.object({ order: z.string() }),
  output: z.object({ by: z.string() }),
  effect: "external",
  timeouts: { total: "3d" },
  run: async ({ order }, a) => {
    await a.use(mail).send(`Approve ${order}? https://example.com/approve?token=${a.token}`);
    return a.completeLater();
  },
});

export const Declined = failure()("EXAMPLE-DECLINED");

export async function onAnswer(
  client: Client,
  answer: { readonly id: string; readonly token: string; readonly yes: boolean },
): Promise<void> {
  // The same request id is one delivery: a webhook may come twice.
  const options = { requestId: answer.id };
  if (answer.yes) await client.complete(answer.token, { by: "treasurer" }, options);
  else {
    const no = Declined.create("The treasurer said no.", {});
    await client.completeWithFailure(answer.token, no, options);
  }
}

export const Busy = failure()("EXAMPLE-BUSY");

export const quote = activity({
  name: "example.quote",
  input: z.object({ url: z.string() }),
  output: z.string(),
  effect: "external",
  failures: [Busy],
  run: async ({ url }, a) => {
    const response = await fetch(url, { signal: a.signal });
    const seconds = Number(response.headers.get("retry-after"));
    if (response.status === 429) {
      throw Busy.create("The feed is busy.", {}, { retryAfterMs: seconds * 1_000 });
    }
    return response.text();
  },
});
