// The client bound to one attempt: its write carries key, ref and abort signal by itself. A second write in
// one attempt needs a key of its own: `a.part("leg-2").use(purpleFlea)`.

import { type AttemptBinding, HoldfastError } from "@holdfast/core";
import type { VenueProfile } from "../profile.ts";
import type { Records } from "../profile/dialect.ts";
import type { Bound, Calls } from "./calls.ts";
import type { PurpleFlea } from "./client.ts";
import { type Groups, groupsOf } from "./group/groups.ts";
import type { ReadMark, WriteMark } from "./http.ts";

/** Nothing is resent, and no silence believed, in the last hour in which the venue remembers a key. */
const KEY_MARGIN_MS = 3_600_000;

type BoundGroups = {
  readonly [Name in keyof Groups]: Groups[Name] extends (...all: never) => unknown
    ? Groups[Name]
    : Bound<Groups[Name]>;
};

export interface BoundPurpleFlea extends BoundGroups {
  readonly profile: VenueProfile;
  /** What the account's own records say. @throws HF-VENUE-UNSUPPORTED where the venue has none */
  records(): Promise<Records>;
  readonly idempotency: {
    /** False when the venue may have forgotten the key: what it does not know may still have happened. */
    isRemembered(): boolean;
    /** What became of this attempt's own write. */
    get(): ReturnType<PurpleFlea["idempotency"]["get"]>;
  };
}

/** @throws HF-KEY-REUSED, HF-WRITE-IN-READ, HF-KEY-EXPIRED */
export function bindPurpleFlea(raw: PurpleFlea, attempt: AttemptBinding): BoundPurpleFlea {
  let written = false;
  const read = (): ReadMark => ({
    signal: attempt.signal,
    onUsedUp: (dueMs) => attempt.rest?.(dueMs),
  });

  function isRemembered(): boolean {
    const { firstSentAt } = attempt;
    if (firstSentAt === undefined) return true;
    return attempt.now() < firstSentAt + raw.profile.keyTtlMs - KEY_MARGIN_MS;
  }

  function mark(what: string): WriteMark {
    if (attempt.effect === "none") {
      throw misuse(
        "HF-WRITE-IN-READ",
        `Cannot ${what} in an activity with effect "none": it may be repeated freely. Say effect: "money".`,
      );
    }
    if (written) {
      throw misuse(
        "HF-KEY-REUSED",
        `Cannot ${what} with the key of this attempt's first write: take a part, a.part("leg-2").use(purpleFlea).`,
      );
    }
    const { firstSentAt } = attempt;
    if (firstSentAt !== undefined && !isRemembered()) {
      throw new HoldfastError(
        "HF-KEY-EXPIRED",
        `Cannot ${what} again: its key was first sent ${new Date(firstSentAt).toISOString()} and the venue may have forgotten it.`,
        { class: "state", disposition: "terminal", outcome: "unknown" },
      );
    }
    written = true;
    const isFirst = firstSentAt === undefined && attempt.attempt === 1;
    const onReplayed = isFirst ? warnOfReplay(attempt, what) : undefined;
    return { ...read(), key: attempt.key, ref: attempt.ref, onReplayed };
  }

  const calls: Calls = {
    profile: raw.profile,
    read: (call, given) => raw.calls.read(call, { ...read(), ...given }),
    // An async function: what is wrong with the mark rejects, as what is wrong with the answer does.
    write: async (call) => raw.calls.write(call, mark(call.what)),
  };
  return {
    // The groups take no marks of their own here.
    ...(groupsOf(calls) as unknown as BoundGroups),
    profile: raw.profile,
    records: () => raw.records(read()),
    idempotency: { isRemembered, get: () => raw.idempotency.get(attempt.key, read()) },
  };
}

/** Nobody else makes such keys: another process has this journal, or a later copy of it had been used before. */
function warnOfReplay({ ref, log }: AttemptBinding, what: string): () => void {
  return () => {
    log?.warn(
      `The venue had done "${what}" for ${ref} before it was sent the first time: the journal was copied, or an older one was restored along with its whole folder.`,
      { code: "HF-JOURNAL-BEHIND", ref },
    );
  };
}

function misuse(code: string, message: string): HoldfastError {
  return new HoldfastError(code, message, {
    class: "logic",
    disposition: "refused",
    outcome: "refused",
  });
}
