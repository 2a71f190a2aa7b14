// How values stand in Temporal's JSON: payloads of its json/plain converter that hold our codec's text (which is
// JSON), instants, durations, failures. Pure.

import { type Encoded, type Failure, encode } from "@holdfast/core";

export interface Payload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

export interface Payloads {
  readonly payloads: readonly Payload[];
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

/** A payload of encoded values; what decodes it with `JSON.parse` has the codec's tree. */
export function payload(text: Encoded, more: Readonly<Record<string, string>> = {}): Payload {
  const metadata: Record<string, string> = { encoding: base64("json/plain") };
  for (const [name, value] of Object.entries(more)) metadata[name] = base64(value);
  return { metadata, data: base64(text) };
}

export function payloads(...texts: readonly Encoded[]): Payloads {
  return { payloads: texts.map((text) => payload(text)) };
}

/** Plain JSON that the SDK itself reads: markers. */
export function plainPayloads(value: unknown): Payloads {
  return payloads(JSON.stringify(value));
}

export function instant(at: number): string {
  return new Date(at).toISOString();
}

export function duration(ms: number): string {
  return `${ms / 1_000}s`;
}

/** The failure whole stands in the details, where the workflow's side finds it. */
export function failureJson(failure: Failure): object {
  const { stack: _stack, ...kept } = failure;
  return {
    message: failure.message,
    source: "Holdfast",
    applicationFailureInfo: {
      type: failure.code,
      nonRetryable: failure.disposition !== "retry" && failure.disposition !== "retry-after",
      details: payloads(encode(kept)),
    },
  };
}
