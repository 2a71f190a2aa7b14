// The one activity function of a worker: whatever the server asks for is looked up by its name, and its attempt
// is run as what its definition says.

import {
  type Activity,
  type Encoded,
  HoldfastError,
  type IntentStore,
  decode,
  toFailure,
} from "@holdfast/core";
import { Context } from "@temporalio/activity";
import { ApplicationFailure, type Headers, defaultPayloadConverter } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { every } from "../clock/every.ts";
import {
  type CallEnvelope,
  ENVELOPE_HEADER,
  HAND_OVER,
  type HandOver,
} from "../workflow/protocol.ts";
import { failureTree, textOf } from "../workflow/tree.ts";
import type { Attempts, Given } from "./attempt.ts";
import { type Left, leftOf, textOfLeft } from "./left.ts";
import { MoneyAttempts } from "./money.ts";

export interface ActivitiesOptions {
  readonly attempts: Attempts;
  readonly intents: IntentStore | undefined;
  /** @throws HF-ACTIVITY-UNKNOWN */
  readonly activity: (name: string) => Activity;
  /** @throws HF-INPUT-INVALID and others, where the receiver would refuse it */
  readonly handOver: (given: HandOver) => Promise<Encoded | undefined>;
  /** How often the server is told that an attempt is alive, in milliseconds. */
  readonly beatMs: number;
  /** Asks the server to keep a beat, and waits until it has. */
  readonly keep: (taskToken: Uint8Array, left: Encoded) => Promise<void>;
  /** Resolves never once the worker is to die like a process: what it runs tells the server nothing more. */
  readonly crashed: () => boolean;
}

/** Takes the place of whatever function the worker has: the envelope is in the headers. */
export function activityInterceptor(options: ActivitiesOptions): ActivityInterceptorsFactory {
  const money =
    options.intents === undefined
      ? undefined
      : new MoneyAttempts(options.attempts, options.intents);
  return () => ({
    inbound: {
      async execute({ args, headers }) {
        const outcome = run(options, money, args[0], headers);
        const settled = await outcome.then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        if (options.crashed()) return new Promise<never>(() => undefined);
        if ("error" in settled) throw settled.error;
        return settled.value;
      },
    },
  });
}

async function run(
  options: ActivitiesOptions,
  money: MoneyAttempts | undefined,
  input: unknown,
  headers: Headers,
): Promise<unknown> {
  const context = Context.current();
  const { info } = context;
  if (info.activityType === HAND_OVER) return look(options, input);
  const activity = options.activity(info.activityType);
  const header = headers[ENVELOPE_HEADER];
  if (header === undefined) throw asFailure(noEnvelope(info.activityType));
  const envelope = decode(defaultPayloadConverter.fromPayload<Encoded>(header)) as CallEnvelope;
  const { begun, details } = envelope.again ?? {};
  let left: Left =
    info.heartbeatDetails === undefined
      ? { begun, details }
      : leftOf(info.heartbeatDetails as Encoded);
  const tell = (): void => {
    if (!options.crashed()) context.heartbeat(textOfLeft(left));
  };
  const given: Given = {
    activity,
    input: textOf(input),
    envelope,
    attempt: info.attempt,
    isLocal: info.isLocal,
    before: left,
    activityId: info.activityId,
    beat: (next: Left) => {
      left = { begun: left.begun, ...next };
      if (!info.isLocal) tell();
    },
    keep: async (next) => {
      left = { begun: left.begun, ...next };
      await options.keep(info.taskToken, textOfLeft(left));
    },
    cancelled: cancellationOf(context),
    abandoned: context.cancellationSignal,
  };
  using _beats = info.isLocal ? undefined : every(options.beatMs, tell);
  try {
    if (activity.effect !== "money") return await options.attempts.run(given);
    if (money === undefined) throw asFailure(noStore(activity.name));
    return await money.run(given);
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    // Not the attempt has failed but what it is kept in: another attempt may succeed.
    throw ApplicationFailure.create({
      message: toFailure(error).message,
      type: toFailure(error).code,
      details: [failureTree(toFailure(error)), { verdict: "retry" }],
      nextRetryDelay: 1_000,
    });
  }
}

async function look({ handOver }: ActivitiesOptions, input: unknown): Promise<unknown> {
  try {
    return await handOver(decode(textOf(input)) as HandOver);
  } catch (error) {
    // What it could not look at, it looks at again.
    if (!(error instanceof HoldfastError)) throw error;
    const failure = toFailure(error);
    const { message, code: type } = failure;
    const details = [failureTree(failure)];
    throw ApplicationFailure.create({ message, type, nonRetryable: true, details });
  }
}

/** Only a cancellation of the call: a worker that stops lets its attempts end. */
function cancellationOf(context: Context): AbortSignal {
  const cancelled = new AbortController();
  context.cancellationSignal.addEventListener("abort", () => {
    const details = context.cancellationDetails;
    // One that the server knows no more is of a run that has ended.
    if (details?.cancelRequested === true || details?.notFound === true) cancelled.abort();
  });
  return cancelled.signal;
}

function asFailure(error: HoldfastError): ApplicationFailure {
  const failure = toFailure(error);
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.code,
    details: [failureTree(failure), { verdict: "retry" }],
  });
}

function noEnvelope(name: string): HoldfastError {
  return new HoldfastError(
    "HF-CALL-FOREIGN",
    `Cannot run activity "${name}": it was not called by a workflow of Holdfast, so it has no key.`,
    { disposition: "terminal", outcome: "not-sent" },
  );
}

function noStore(name: string): HoldfastError {
  return new HoldfastError(
    "HF-INTENTS-MISSING",
    `Cannot run money activity "${name}": this worker has no store of intents. Give it one: temporal({ intents }).`,
    { class: "state", disposition: "terminal", outcome: "not-sent" },
  );
}
