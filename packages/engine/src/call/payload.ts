// A call's values at its boundary: the schemas are applied here, once each, on whichever thread runs the body.

import {
  type Activity,
  type Encoded,
  type Fact,
  type Failure,
  decode,
  encodePayload,
  meaningOf,
  parseWith,
  toFailure,
} from "@holdfast/core";
import { encodePayloadWithCopy } from "@holdfast/core/internal";
import { Answer } from "../run/answer.ts";
import type { PendingCallState } from "./pending.ts";

/** The input as the body gets it. */
export function parsedInput(activity: Activity, input: Encoded): never {
  const what = `the input of activity ${activity.name}`;
  return parseWith(activity.input, decode(input), what) as never;
}

export function encodeOutput(activity: Activity, value: unknown): Encoded {
  const what = `the output of activity ${activity.name}`;
  return encodePayload(parseWith(activity.output, value, what), what);
}

/** The input of a call as its body gets it. What is at hand is not decoded again. */
export function takeInput(call: PendingCallState): never {
  const { activity, command, input } = call;
  if (input === undefined) return parsedInput(activity, command.input);
  call.input = undefined;
  return parseWith(activity.input, input, `the input of activity ${activity.name}`) as never;
}

/** What an attempt gave, as a fact. A thread has applied the schema already. */
export function answerOf({ activity, command }: PendingCallState, value: unknown): Fact {
  const { call } = command;
  if (activity.thread !== undefined) return { kind: "done", call, output: value as Encoded };
  const what = `the output of activity ${activity.name}`;
  const { text, copy } = encodePayloadWithCopy(parseWith(activity.output, value, what), what);
  return new Answer(call, text, copy);
}

/** An input that the schema refuses has certainly not been sent, and never will be. */
export function notSentIfInvalid(error: unknown): Failure {
  const failure = toFailure(error);
  return failure.code === "HF-INPUT-INVALID"
    ? { ...failure, ...meaningOf("schema", "input") }
    : failure;
}

/** The effect has happened, but its receipt cannot be read: for money that is doubt, else an end. */
export function unreadable(activity: Activity, error: unknown): Failure {
  const failure = toFailure(error);
  const { disposition, outcome } = meaningOf("schema", "output");
  return activity.effect === "money"
    ? { ...failure, disposition, outcome }
    : { ...failure, disposition };
}
