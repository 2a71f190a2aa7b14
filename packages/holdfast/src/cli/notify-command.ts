// `notify test`: tells a notice by the channels of the running process, as anything else would be told.

import { randomUUID } from "node:crypto";
import { type Duration, HoldfastError, durationMs, hasCode } from "@holdfast/core";
import { z } from "zod";
import { say, sayJson } from "./print.ts";
import { type Common, connect, pathOf } from "./running.ts";

export interface NotifyTestOptions extends Common {
  readonly channel?: string;
  readonly level: string;
  readonly wait: string;
}

const Result = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("completed"),
    output: z.object({
      told: z.array(z.string()),
      untold: z.array(z.object({ channel: z.string(), code: z.string(), message: z.string() })),
    }),
  }),
  z.object({
    kind: z.literal("failed"),
    failure: z.object({ code: z.string(), message: z.string() }),
  }),
]);

/** @throws HF-NOTIFY-UNTOLD where a channel has not taken it in time; HF-NOT-RUNNING */
export async function notifyTestCommand(options: NotifyTestOptions): Promise<void> {
  const { level, channel, wait, json } = options;
  const waitMs = durationMs(wait as Duration);
  const control = connect(options);
  const id = `notify/test/${randomUUID()}`;
  const title = "A test of the notifier";
  const text = "Nothing is the matter: somebody tries whether this arrives.";
  const input = { episode: "test", level, title, text, channel };
  await control.post("/api/runs", { workflow: "notify.notice", id, input });
  let result: z.output<typeof Result>;
  try {
    const given = await control.get(`${pathOf(id)}/result`, { timeout: `${waitMs}ms` });
    result = Result.parse(given);
  } catch (error) {
    if (!hasCode(error, "HF-RESULT-TIMEOUT")) throw error;
    const why = await lastFailures(options, id);
    await control.post(`${pathOf(id)}/cancel`, { requestId: randomUUID(), reason: "only a test" });
    throw untold(`not everybody has taken it within ${wait}.${why}`);
  }
  if (result.kind === "failed")
    throw new HoldfastError(result.failure.code, result.failure.message);
  const { told, untold: others } = result.output;
  if (json === true) sayJson(result.output);
  else {
    for (const name of told) say(`${name}: told`);
    for (const { channel: name, message } of others) say(`${name}: ${message}`);
    if (told.length + others.length === 0) say(`No channel takes what is "${level}".`);
  }
  if (others.length > 0) throw untold("some channels have not taken it.");
}

/** What the calls that are still tried have failed with, each in a sentence. */
async function lastFailures(options: Common, id: string): Promise<string> {
  const { calls } = await connect(options).get(pathOf(id));
  const Calls = z.array(z.object({ lastFailure: z.object({ message: z.string() }).optional() }));
  const messages = Calls.parse(calls).flatMap(({ lastFailure }) => lastFailure?.message ?? []);
  return messages.map((message) => ` ${message}`).join("");
}

function untold(why: string): HoldfastError {
  return new HoldfastError("HF-NOTIFY-UNTOLD", `Cannot tell everybody: ${why}`, {
    class: "network",
    disposition: "refused",
  });
}
