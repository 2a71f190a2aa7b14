// Between our values and what the server keeps: payloads are JSON as our codec writes it, failures stand whole in
// the details of the server's.

import {
  type Encoded,
  type Failure,
  HoldfastError,
  decode,
  encode,
  toFailure,
} from "@holdfast/core";
import type { temporal } from "@temporalio/proto";

export type Payload = temporal.api.common.v1.IPayload;
export type Payloads = temporal.api.common.v1.IPayloads;
export type WireFailure = temporal.api.failure.v1.IFailure;
export type WireEvent = temporal.api.history.v1.IHistoryEvent;

const PLAIN = Buffer.from("json/plain");

export function payload(text: Encoded, type?: string): Payload {
  const metadata = { encoding: PLAIN, ...(type === undefined ? {} : { type: Buffer.from(type) }) };
  return { metadata, data: Buffer.from(text) };
}

export function payloads(...texts: readonly Encoded[]): Payloads {
  return { payloads: texts.map((text) => payload(text)) };
}

/** The text of a payload; nothing stands for `undefined`. */
export function textOf(given: Payload | null | undefined): Encoded {
  const { data } = given ?? {};
  if (data === undefined || data === null || data.length === 0) return encode(undefined);
  return Buffer.from(data).toString("utf8");
}

export function firstText(given: Payloads | null | undefined): Encoded {
  return textOf(given?.payloads?.[0]);
}

/** Our failure in one of the server's. */
export function failureOf(given: WireFailure | null | undefined): Failure {
  const details = given?.applicationFailureInfo?.details?.payloads;
  if (details?.[0] !== undefined) return toFailure(decode(textOf(details[0])));
  const message = given?.message ?? "";
  if (given?.canceledFailureInfo) return toFailure(cancelled(message));
  if (given?.cause) return failureOf(given.cause);
  return toFailure(
    new HoldfastError("HF-TEMPORAL-FAILURE", message === "" ? "The server says no more." : message),
  );
}

/** True where the failure is a refusal of a validator. */
export function isRefusal(given: WireFailure | null | undefined): boolean {
  const second = given?.applicationFailureInfo?.details?.payloads?.[1];
  return second !== undefined && textOf(second) === '"refused"';
}

function cancelled(message: string): HoldfastError {
  return new HoldfastError("HF-CANCELLED", message, {
    class: "state",
    disposition: "cancelled",
    outcome: "not-sent",
  });
}

/** Milliseconds since the epoch. */
export function msOf(
  given: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number | undefined {
  if (given === null || given === undefined) return undefined;
  return Number(given.seconds) * 1_000 + Math.trunc((given.nanos ?? 0) / 1_000_000);
}
