// What is known of a money call's key before anything is sent: an effect that is done is not sent again, one
// with another body never, and one that may have been sent counts as unknown.

import { hash } from "node:crypto";
import { type Fact, HoldfastError, toFailure } from "@holdfast/core";
import type { IntentRow } from "../store/intents.ts";
import { type PendingCallState, markUnknown } from "./pending.ts";

/** What a call would send, in short: account and input. */
export function fingerprintOf(call: PendingCallState): string {
  return hash("sha256", `${call.identity.account}\n${call.command.input}`);
}

/** The fact that settles or parks the call without sending; undefined when it may be sent. */
export function consult(call: PendingCallState, known: IntentRow, now: number): Fact | undefined {
  const number = call.command.call;
  if (known.fingerprint !== fingerprintOf(call)) {
    call.phase = "in-doubt";
    return {
      kind: "in-doubt",
      call: number,
      failure: toFailure(bodyChanged(known.key, known.ref)),
    };
  }
  if (known.state === "done" && known.output !== undefined) {
    call.phase = "settled";
    return { kind: "done", call: number, output: known.output };
  }
  // Of a call that waits elsewhere it is known how its attempt ended; only what came before may be unknown.
  const sentAt = call.phase === "elsewhere" ? known.sentAt : (known.sentAt ?? known.recordedAt);
  if (known.state !== "refused" && sentAt !== undefined) markUnknown(call, sentAt, now);
  return undefined;
}

function bodyChanged(key: string, ref: string): HoldfastError {
  return new HoldfastError(
    "HF-KEY-BODY-CHANGED",
    `Cannot send ${ref}: its key ${key} was used before with another input. Look at what was done then, and resolve it.`,
    { inDoubt: true },
  );
}
