// What a breaker costs before each attempt that it lets through: questions and answers to a closed one, by eight
// accounts in turn, with their limits. The floor only notes each call by its account.

import { policiesOf, seededRandom } from "@holdfast/core";
import { Breakers, Limits } from "@holdfast/engine/activity-side";
import { type Part, type Place, type Workload, timed } from "../workload.ts";

const decisionsOf = (place: Place): number => place.size(2_000_000, 20_000);
const ACCOUNTS = 8;
const MS_PER_S = 1_000;
const NAME = "venue/write";

const engine: Part = async (place) => {
  const policies = policiesOf({ venue: { concurrency: 64 } });
  const breakers = new Breakers({
    kept: [],
    policies,
    names: () => [NAME],
    onKept: () => undefined,
  });
  const limits = new Limits(policies, seededRandom("bench"));
  const venues = ["venue"];
  const count = decisionsOf(place);
  let gone = 0;
  const ms = await timed(async () => {
    for (let n = 0; n < count; n += 1) {
      const call = {};
      const asking = { holder: String(n), now: n };
      const account = `account-${n % ACCOUNTS}`;
      if (breakers.ask(NAME, asking).kind !== "go") continue;
      if (limits.enter(call, { venues, account, first: false }, n) !== undefined) continue;
      limits.leave(call, undefined, n);
      breakers.tell(NAME, asking);
      gone += 1;
    }
  });
  if (gone !== count) throw new Error(`Only ${gone} of ${count} calls went.`);
  return [(count * MS_PER_S) / ms];
};

/** What whoever counts calls does at least: notes each by account while it is under way. */
const floor: Part = async (place) => {
  const count = decisionsOf(place);
  const accounts = new Map<string, Set<object>>();
  let gone = 0;
  const ms = await timed(async () => {
    for (let n = 0; n < count; n += 1) {
      const call = {};
      const account = `account-${n % ACCOUNTS}`;
      let inside = accounts.get(account);
      if (inside === undefined) accounts.set(account, (inside = new Set()));
      inside.add(call);
      if (inside.delete(call)) gone += 1;
    }
  });
  if (gone !== count) throw new Error(`Only ${gone} of ${count} calls went.`);
  return [(count * MS_PER_S) / ms];
};

/** Decisions a second, each of them a question and an answer. */
export const breaker: Workload = {
  figures: [
    {
      id: "breaker.decisions_per_s",
      unit: "decisions/s",
      better: "higher",
      target: { of: "value", aim: 500_000, stretch: 2_000_000 },
    },
  ],
  engine,
  floor,
};
