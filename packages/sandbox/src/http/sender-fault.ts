// Faults that reach into the venue: how its rules become the fate of an order, or the age at which keys are forgotten.

import type { Fate } from "../command/fate.ts";
import type { RequestRule } from "../fault/rule.ts";

/** What the struck rules do to an order; undefined where they leave it alone. */
export function fateOf(struck: readonly RequestRule[]): Fate | undefined {
  let fate: Fate | undefined;
  for (const rule of struck) {
    if (rule.kind === "partial") fate = { ...fate, share: (fate?.share ?? 1) * rule.share };
    if (rule.kind === "reject") fate = { ...fate, reject: fate?.reject ?? rule.reason };
    if (rule.kind === "late-fill") fate = { ...fate, fillAfterCancelMs: rule.ms };
  }
  return fate;
}

/** The age in milliseconds from which keys are forgotten; undefined: that of the venue. */
export function keyTtlOf(struck: readonly RequestRule[]): number | undefined {
  const ages = struck.flatMap((rule) => (rule.kind === "forget-keys" ? [rule.ageMs] : []));
  return ages.length === 0 ? undefined : Math.min(...ages);
}
