// Judges what a run under chaos came to, without a clean run beside it: its journal against the venue's ledger. Pure.

import { type Books, type Finding, callsByName, doubled, outside, times } from "../verify/judge.ts";
import type { DecidedCall } from "../verify/outcome.ts";

/** What the venue knows beside its effects. */
export interface Witness {
  /** Whether a write came that is of this call. */
  readonly asked: (call: DecidedCall) => boolean;
  /** Whether it carried a write with this key out, also one that changed nothing. */
  readonly keeps: (key: string) => boolean;
}

export function judgeBooks(books: Books, witness: Witness): readonly Finding[] {
  return [...outside(books), ...doubled(books, books), ...lost(books, witness), ...mistaken(books)];
}

/** Done by the journal, asked for at the venue, and nothing there: of what never came, the venue knows nothing. */
function lost({ calls, effects }: Books, { asked, keeps }: Witness): readonly Finding[] {
  const known = callsByName(calls);
  const shown = Map.groupBy(effects, (effect) => known.of(effect)?.ref);
  const done = calls.filter(({ state }) => state === "done");
  return [...Map.groupBy(done, ({ ref }) => ref)].flatMap(([ref, of]): readonly Finding[] => {
    const there = shown.get(ref) ?? [];
    if (there.length >= of.length) return [];
    const missing = of.filter((call) => asked(call) && !keeps(call.key));
    if (missing.length === 0) return [];
    const message = `"${ref}" is done by the journal, ${times(of.length)}; at the venue, which was asked for it, it happened ${times(there.length)}.`;
    return [{ fault: "lost", ref, message, effects: there }];
  });
}

/** The agent takes it for failed, and it happened: its own books are wrong. */
function mistaken({ calls, effects }: Books): readonly Finding[] {
  const known = callsByName(calls);
  const may = new Set(calls.filter(({ state }) => state !== "failed").map(({ ref }) => ref));
  return effects.flatMap((effect): readonly Finding[] => {
    const call = known.of(effect);
    if (call?.state !== "failed" || may.has(call.ref)) return [];
    // A part of a call may have happened, and another have been refused.
    if (effect.ref !== call.ref && effect.key !== call.key) return [];
    const message = `"${call.ref}" failed by the journal, and happened at the venue.`;
    return [{ fault: "mistaken", ref: call.ref, message, effects: [effect] }];
  });
}
