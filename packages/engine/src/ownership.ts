// Notes in the journal that somebody has it open. Who opens it next learns from that whether the owner before
// closed it, or died.

import { randomBytes } from "node:crypto";
import { type Log, silentLog, toFailure } from "@holdfast/core";
import type { CallPlace } from "./store/calls.ts";
import type { Store } from "./store/store.ts";

const OPEN = "open";
const SECRET = "token-secret";
const SECRET_BYTES = 32;

export interface Ownership {
  /** True where the owner before did not close the journal. */
  readonly crashed: boolean;
  /** The call that was in flight alone when it died. */
  readonly alone: CallPlace | undefined;
  /** What this journal's tokens are made of. */
  readonly secret: string;
}

/**
 * Marks a journal as open, in one commit. `again`: by the process that had it open before, whose attempts went
 * on meanwhile. `mark` writes along with it.
 */
export function own(store: Store, again: boolean, mark: () => void = () => undefined): Ownership {
  const crashed = !again && store.meta(OPEN) === "1";
  const secret = store.meta(SECRET) ?? randomBytes(SECRET_BYTES).toString("base64url");
  let alone: CallPlace | undefined;
  store.transaction(() => {
    store.setMeta(OPEN, "1");
    mark();
    store.setMeta(SECRET, secret);
    alone = store.calls.endAlone(crashed);
  });
  return { crashed, alone, secret };
}

/** Says that the journal was closed: nothing of it died. */
export function disown(store: Store, log: Log = silentLog): void {
  try {
    store.transaction(() => {
      store.setMeta(OPEN, "0");
    });
  } catch (error) {
    log.warn(`${toFailure(error).message} The next start will take this stop for a crash.`);
  }
}
