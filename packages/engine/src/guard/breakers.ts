// A venue whose writes fail is left alone but for what reduces: its breaker's changes become modes.

import type { BreakerChange, BreakerState, Guard } from "@holdfast/core";

/** The breaker of a venue's writes is named so. */
const WRITES = "/write";

/**
 * Takes a change over. What has cooled lets a probe through, so that the mode must not outlast the cooling: an agent
 * whose orders were all denied would never find out that its venue is back.
 */
export async function followBreaker(
  guard: Guard,
  { name, to, reason, openUntil }: Pick<BreakerChange, "name" | "to" | "reason" | "openUntil">,
): Promise<void> {
  if (!name.endsWith(WRITES) || to === "half-open") return;
  const venue = name.slice(0, -WRITES.length);
  await guard.breaker({ venue, isOpen: to === "open", until: openUntil, reason });
}

/** After a start: a crash may have come between a breaker's change and the mode's, and breakers may be gone. */
export async function followBreakers(guard: Guard, states: readonly BreakerState[]): Promise<void> {
  const { modes } = await guard.status();
  const open = new Map(
    states.filter(({ mode }) => mode !== "closed").map((one) => [one.name, one]),
  );
  for (const { scope, cause } of modes) {
    const name = `${scope.replace(/^venue:/u, "")}${WRITES}`;
    if (cause === "breaker" && !open.has(name))
      await followBreaker(guard, { name, to: "closed", reason: "it is closed" });
  }
  for (const [name, { mode, lastFailure, openUntil }] of open) {
    const reason = lastFailure?.message ?? "it is open";
    await followBreaker(guard, { name, to: mode, reason, openUntil });
  }
}
