// Reads a caller's frame. One that cannot be read is answered with an error frame; the stream goes on.

import { StreamRequest } from "@holdfast/purpleflea/wire";

export type SubscribeFrame = Extract<StreamRequest, { action: "subscribe" }>;

export type Frame =
  | StreamRequest
  | { readonly action: "error"; readonly code: string; readonly message: string };

/** Undefined is a frame that is no text. */
export function readFrame(text: string | undefined): Frame {
  let value: unknown;
  try {
    value = text === undefined ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null) {
    return { action: "error", code: "malformed_json", message: "The frame is no JSON object." };
  }
  const parsed = StreamRequest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}`;
  return { action: "error", code: "invalid_request", message };
}
