// What a worker with money activities needs before it takes work.

import { type Activity, HoldfastError, type IntentStore, type Provided } from "@holdfast/core";
import { checkMoney as checkActivity, venueOf } from "@holdfast/engine/activity-side";

/** @throws HF-INTENTS-MISSING, HF-ACTIVITY-INVALID */
export function checkMoney(
  activities: readonly Activity[],
  provided: readonly Provided[],
  intents: IntentStore | undefined,
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
  if (money.length === 0 || intents !== undefined) return;
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
