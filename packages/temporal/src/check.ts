// What a worker with money activities needs before it takes work.

import { type Activity, type GuardPolicy, HoldfastError, type Provided } from "@holdfast/core";
import { checkMoney as checkActivity, venueOf } from "@holdfast/engine/activity-side";
import type { OpenOptions } from "./options.ts";

/** A guard keeps its book beside the intents: what it hears of reads must last, too. */
function guardMissing(): HoldfastError {
  return new HoldfastError(
    "HF-INTENTS-MISSING",
    "Cannot start a worker under a guard: there is no store of intents, beside which its book lies. Give it one: temporal({ intents: … }).",
    { class: "state", disposition: "terminal", outcome: "not-sent" },
  );
}

/** @throws HF-INTENTS-MISSING, HF-ACTIVITY-INVALID */
export function checkMoney(
  activities: readonly Activity[],
  provided: readonly Provided[],
  { intents, guard }: Pick<OpenOptions, "intents"> & { readonly guard: GuardPolicy | undefined },
): void {
  const venues = new Map(
    provided.flatMap(({ resource, venue }) =>
      venue === undefined ? [] : [[resource.name, venue] as const],
    ),
  );
  const money = activities.filter(({ effect }) => effect === "money");
  for (const activity of money) {
    checkActivity(activity, venueOf(activity, venues).venue, activity.timeouts.totalMs);
  }
  if (intents !== undefined) return;
  if (guard !== undefined && money.length === 0) throw guardMissing();
  if (money.length === 0) return;
  const names = money.map(({ name }) => name).sort();
  throw new HoldfastError(
    "HF-INTENTS-MISSING",
    `Cannot start a worker for ${names.join(", ")}: they move money, and there is no store of intents. Give it one: temporal({ intents: … }).`,
    {
      class: "state",
      disposition: "terminal",
      outcome: "not-sent",
      details: { activities: names },
    },
  );
}
