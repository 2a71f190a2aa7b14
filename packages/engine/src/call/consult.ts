// What is known of a money call's key before anything is sent: an effect that is done is not sent again, one
// with another body never, and one that may have been sent counts as unknown.

import { hash } from "node:crypto";
import { type Fact, HoldfastError, toFailure } from "@holdfast/core";
import type { IntentRow } from "../store/intents.ts";
import { neverBegan, waitsUnsent } from "./lane.ts";
import type { LostTime } from "../lost-time.ts";
import { type PendingCallState, markLost, markUnknown } from "./pending.ts";

/** What a call would send, in short: account and input. */
export function fingerprintOf(call: Pick<PendingCallState, "identity" | "command">): string {
  return hash("sha256", `${call.identity.account}\n${call.command.input}`);
}

export interface ConsultOptions {
  /** True where a restart takes the call up that the intent was recorded for. */
  readonly isOwn?: boolean;
  readonly lost?: LostTime | undefined;
}

/**
 * The fact that settles or parks the call without sending; undefined when it may be sent.
 */
export function consult(
  call: PendingCallState,
  known: IntentRow,
  now: number,
  { isOwn = false, lost }: ConsultOptions = {},
): Fact | undefined {
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
  if (known.state === "refused") {
    // In the time that was lost it may have been allowed, and sent, again.
    if (lost !== undefined && (known.settledAt ?? 0) <= lost.from) markLost(call, lost.from, now);
    return undefined;
  }
  // How an attempt ended before the backup does not say what came after it.
  const isTrusted = isOwn && (lost === undefined || known.recordedAt > lost.from);
  const sentAt = sentAtOf(call, known, isTrusted);
  if (sentAt === undefined) return undefined;
  if (sentAt < known.recordedAt) markLost(call, sentAt, now);
  else markUnknown(call, sentAt, now);
  return undefined;
}

/** When it was first sent, if it may have been. */
function sentAtOf(call: PendingCallState, known: IntentRow, isOwn: boolean): number | undefined {
  if (isOwn && waitsUnsent(call)) return undefined;
  // Of a call that waits elsewhere it is known how its attempt ended; only what came before may be unknown.
  const isKnown = call.phase === "elsewhere" || (isOwn && neverBegan(call));
  return known.sentAt ?? (isKnown ? undefined : known.recordedAt);
}

/** Another body under a key that was used before. */
export function bodyChanged(key: string, ref: string): HoldfastError {
  return new HoldfastError(
    "HF-KEY-BODY-CHANGED",
    `Cannot send ${ref}: its key ${key} was used before with another input. Look at what was done then, and resolve it.`,
    { inDoubt: true },
  );
}
