// The program of a thread: imports the module of an activity, runs attempts of it one at a time, and tells what
// came of them. Values cross as codec text, and the schemas are applied here, so that neither holds up the loop.

import { parentPort } from "node:worker_threads";
import {
  type Activity,
  type Encoded,
  type Failure,
  HoldfastError,
  type Log,
  toFailure,
} from "@holdfast/core";
import { type AttemptedCall, AttemptContext, type AttemptHost, AttemptSignal } from "./attempt.ts";
import { encodeOutput, notSentIfInvalid, parsedInput, unreadable } from "./payload.ts";

/** Failures cross as JSON text, as they stand in the journal. */
export type ToThread =
  | {
      readonly kind: "run";
      readonly module: string;
      /** The engine's time. */
      readonly now: number;
      readonly call: Omit<AttemptedCall, "activity">;
    }
  | { readonly kind: "abort"; readonly reason: string };

export type FromThread =
  | { readonly kind: "heartbeat"; readonly details: Encoded | undefined }
  | { readonly kind: "rest"; readonly ms: number }
  | {
      readonly kind: "log";
      readonly level: keyof Log;
      readonly message: string;
      readonly fields: unknown;
    }
  | { readonly kind: "done"; readonly output: Encoded }
  | { readonly kind: "failed"; readonly failure: string };

let signal = new AttemptSignal();

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "run") void attempt(message);
  else signal.abort(JSON.parse(message.reason) as Failure);
});

async function attempt(job: ToThread & { readonly kind: "run" }): Promise<void> {
  signal = new AttemptSignal();
  const outcome = await run(job).catch(failed);
  post(outcome);
}

async function run({
  module,
  now,
  call,
}: ToThread & { readonly kind: "run" }): Promise<FromThread> {
  const activity = await activityOf(module, call.command.activity);
  let input: never;
  try {
    input = parsedInput(activity, call.command.input);
  } catch (error) {
    return failed(notSentIfInvalid(error));
  }
  const context = new AttemptContext({ ...call, activity }, hostAt(now), signal);
  const value: unknown = await activity.run(input, context);
  try {
    return { kind: "done", output: encodeOutput(activity, value) };
  } catch (error) {
    return failed(unreadable(activity, error));
  }
}

function failed(error: unknown): FromThread {
  return { kind: "failed", failure: JSON.stringify(toFailure(error)) };
}

async function activityOf(module: string, name: string): Promise<Activity> {
  let exported: unknown;
  try {
    exported = await import(module);
  } catch (error) {
    throw noActivity(name, module, `cannot be imported (${toFailure(error).message})`);
  }
  const found = Object.values(exported as Record<string, unknown>).find((value) =>
    isActivity(value, name),
  ) as Activity | undefined;
  if (found !== undefined) return found;
  throw noActivity(name, module, "does not export it");
}

function noActivity(name: string, module: string, why: string): HoldfastError {
  return new HoldfastError(
    "HF-THREAD-MODULE",
    `Cannot run activity "${name}" in a thread: its module ${module} ${why}.`,
    { disposition: "terminal", outcome: "not-sent" },
  );
}

function isActivity(value: unknown, name: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "kind" in value && value.kind === "activity" && "name" in value && value.name === name;
}

/** The engine's time is what it was when the attempt began, and what has passed since. */
function hostAt(now: number): AttemptHost<AttemptedCall> {
  const begun = performance.now();
  const tell =
    (level: keyof Log): Log[keyof Log] =>
    (message, fields) => {
      post({ kind: "log", level, message, fields: plain(fields) });
    };
  return {
    log: { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") },
    now: () => now + Math.floor(performance.now() - begun),
    raw: (resource) => {
      throw new HoldfastError(
        "HF-THREAD-RESOURCE",
        `Cannot use resource "${resource.name}" in a thread: its client lives on the event loop. Pass in what the calculation needs.`,
        { disposition: "terminal", outcome: "not-sent" },
      );
    },
    onHeartbeat: (_call, details) => {
      post({ kind: "heartbeat", details });
    },
    onRest: (_call, ms) => {
      post({ kind: "rest", ms });
    },
  };
}

/** Fields of a log line that can leave the thread. */
function plain(fields: unknown): unknown {
  try {
    return structuredClone(fields);
  } catch {
    return { fields: String(fields) };
  }
}

function post(message: FromThread): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
}
