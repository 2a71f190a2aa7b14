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
import type { Attempts } from "./attempt.ts";
import type { Given } from "./given.ts";
import { MoneyAttempts } from "./money.ts";
import { Notes, type NotesOptions, Taken } from "./notes.ts";

export interface ActivitiesOptions extends Omit<NotesOptions, "taken"> {
  readonly attempts: Attempts;
  readonly intents: IntentStore | undefined;
  /** @throws HF-ACTIVITY-UNKNOWN */
  readonly activity: (name: string) => Activity;
  /** @throws HF-INPUT-INVALID and others, where the receiver would refuse it */
  readonly handOver: (given: HandOver) => Promise<Encoded | undefined>;
  /** Told when a person is asked. */
  readonly onAsked: () => void;
  /** How often the server is told that an attempt is alive, in milliseconds. */
  readonly beatMs: number;
}

/** Takes the place of whatever function the worker has: the envelope is in the headers. */
export function activityInterceptor(options: ActivitiesOptions): ActivityInterceptorsFactory {
  const { attempts, intents, onAsked } = options;
  const money =
    intents === undefined ? undefined : new MoneyAttempts({ attempts, intents, onAsked });
  const taken = new Taken();
  return () => ({
    inbound: {
      async execute({ args, headers }) {
        const outcome = run({ ...options, taken }, money, args[0], headers);
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
  options: ActivitiesOptions & NotesOptions,
  money: MoneyAttempts | undefined,
  input: unknown,
  headers: Headers,
): Promise<unknown> {
  const context = Context.current();
  const { info } = context;
  if (info.activityType === HAND_OVER) return look(options, input);
  const header = headers[ENVELOPE_HEADER];
  if (header === undefined) throw asFailure(noEnvelope(info.activityType));
  const envelope = decode(defaultPayloadConverter.fromPayload<Encoded>(header)) as CallEnvelope;
  const notes = new Notes(options, context, envelope);
  using _beats = info.isLocal ? undefined : every(options.beatMs, () => notes.tell());
  try {
    const activity = options.activity(info.activityType);
    const given = givenTo(context, { notes, activity, envelope, input: textOf(input) });
    if (activity.effect !== "money") return await options.attempts.run(given);
    if (money === undefined) throw asFailure(noStore(activity.name));
    return await money.run(given);
  } catch (error) {
    notes.end();
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

interface Asked {
  readonly notes: Notes;
  readonly activity: Activity;
  readonly envelope: CallEnvelope;
  readonly input: Encoded;
}

function givenTo(context: Context, { notes, ...asked }: Asked): Given {
  const { attempt, activityId, isLocal } = context.info;
  return {
    ...asked,
    attempt,
    activityId,
    isLocal,
    before: notes.before,
    suspicion: notes.suspicion,
    beat: (next) => notes.beat(next),
    keep: (next) => notes.keep(next),
    inLine: () => notes.inLine(),
    begin: (alone) => notes.begin(alone),
    clear: () => notes.clear(),
    cancelled: cancellationOf(context),
    abandoned: context.cancellationSignal,
  };
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
