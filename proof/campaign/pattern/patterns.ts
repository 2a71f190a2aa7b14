// What the campaign can see: the same faults and crashes, with purchases as the published guides make them, and with
// bugs planted. Each must be doubled or lost; beside them stand the sound ones, which must not.

import {
  type Activity,
  type Provided,
  type VenueCapabilities,
  provide,
  workflow,
} from "@holdfast/core";
import { createHash } from "node:crypto";
import {
  type Order,
  hasty,
  hastyClient,
  keyless,
  minuteKey,
  purchase,
  purchaseInRun,
  reconciled,
} from "../../../test/harness/hasty.ts";
import { VENUE_URL } from "../../world/paper-venue.ts";
import type { World } from "../../world/world.ts";
import { type Business, NotDone, Work, decide, none } from "../business/decide.ts";
import { ANEW } from "../judge.ts";
import { type Variant, runShard } from "../shard.ts";
import type { Tally } from "../tally.ts";

export interface Pattern {
  readonly name: string;
  /** Where it is from. */
  readonly from: "a guide" | "a planted bug" | "sound";
  readonly variant: () => Variant;
}

/** A world of its own for each. */
const PATTERN_SIZE = { effects: 400, crashes: 20 } as const;

const ORDER = { symbol: "BTC-PERP", side: "long", sizeUsd: "10.00" } as const;
const MINUTE_MS = 60_000;
/** Longer than the venue's latest answer, and than the engine's clock is ever set ahead. */
const SETTLED_MS = 3 * MINUTE_MS;
/** More than any call meets. */
const TRIES_MAX = 50;

type Buy = Activity<Order, string>;

function business(buyer: Business["workflow"]): Business {
  return {
    name: "buyer",
    perRound: 1,
    roundsMax: 10,
    weight: 1,
    decisions: (id, n) => [`${id}/${n}`],
    workflow: buyer,
  };
}

/** Buys, round by round. */
function buying(buy: Buy): Business {
  return business(
    workflow({
      name: "pattern.buyer",
      input: Work,
      output: NotDone,
      run: async (ctx, { rounds }) => {
        const notDone = none();
        for (let n = 0; n < rounds; n += 1)
          await decide(ctx, notDone, buy, { ref: `${ctx.info.id}/${n}`, input: ORDER });
        return notDone;
      },
    }),
  );
}

/** Buys, and takes a call that ended badly for an order that was not placed: it is placed anew. */
function insisting(buy: Buy): Business {
  return business(
    workflow({
      name: "pattern.insisting",
      input: Work,
      output: NotDone,
      run: async (ctx, { rounds }) => {
        for (let n = 0; n < rounds; n += 1) {
          for (let tried = 0; tried < TRIES_MAX; tried += 1) {
            const ref = `${ctx.info.id}/${n}${tried === 0 ? "" : `${ANEW}${tried}`}`;
            if ((await ctx.try(buy, ORDER, { ref })).ok) break;
            await ctx.sleep("1m");
          }
        }
        return none();
      },
    }),
  );
}

/** Buys everything, fails by a bug of its code, and is started again to finish. */
function resumed(buy: (runId: string) => readonly [Buy, Order]): Business {
  return business(
    workflow({
      name: "pattern.resumed",
      input: Work,
      output: NotDone,
      run: async (ctx, { rounds, broken }) => {
        const notDone = none();
        for (let n = 0; n < rounds; n += 1) {
          const [activityOf, input] = buy(ctx.info.runId);
          await decide(ctx, notDone, activityOf, { ref: `${ctx.info.id}/${n}`, input });
        }
        if (broken === true) throw new Error("a bug of the code, mended later");
        return notDone;
      },
    }),
  );
}

function withHasty(capabilities?: VenueCapabilities): Variant["resources"] {
  return (world: World, send: typeof fetch): readonly Provided[] => [
    provide(
      hasty,
      (account) =>
        hastyClient({
          url: VENUE_URL,
          apiKey: world.venue.apiKey(account) ?? "",
          fetch: send,
        }),
      capabilities,
    ),
  ];
}

/** The hurried client takes a refusal for an unknown outcome, and asks for ever: nothing is refused here. */
const REFUSING = ["reject"] as const;

/** A venue that honours keys, whatever is made of it. */
const keyed =
  (one: Business, more: Partial<Variant> = {}) =>
  (): Variant => ({
    businesses: [one],
    resources: withHasty(),
    without: REFUSING,
    ...more,
  });

/** A venue without keys cannot tell a request that arrives twice from two: that fault is left out. */
const unkeyed =
  (one: Business, settleMs: number, more: Partial<Variant> = {}) =>
  (): Variant => ({
    businesses: [one],
    resources: withHasty({ ...keyless, settleMs }),
    without: [...REFUSING, "repeat"],
    ...more,
  });

/** Sent at most four times, whatever goes wrong, and nobody asks what became of it. */
function fourTries(buy: Buy): Buy {
  return { ...buy, effect: "external", retry: { ...buy.retry, attempts: 4 } };
}

/** A guide's key: the order itself. */
const orderKey = (order: Order): string =>
  createHash("sha256").update(JSON.stringify(order)).digest("hex").slice(0, 16);

const inRun = purchaseInRun((a, runId) => (runId === "" ? a.key : `${a.key}-${runId}`));
const asInRun = (runId: string): readonly [Buy, Order] => {
  const order: Order & { readonly runId: string } = { ...ORDER, runId };
  return [inRun, order];
};
const asked = reconciled("10s");

export const PATTERNS: readonly Pattern[] = [
  {
    name: "no key, sent again whatever went wrong",
    from: "a guide",
    variant: keyed(buying(purchase(() => ({}))), { without: [...REFUSING, "repeat"] }),
  },
  {
    name: "no key, sent four times; what failed is placed anew",
    from: "a guide",
    variant: keyed(insisting(fourTries(purchase(() => ({})))), {
      without: [...REFUSING, "repeat"],
    }),
  },
  {
    name: "key made of pair, direction and minute",
    from: "a guide",
    variant: keyed(
      buying(purchase((a, order) => ({ body: { client_request_id: minuteKey(a, order, "") } }))),
    ),
  },
  {
    name: "the same with the decision in it",
    from: "a guide",
    variant: keyed(
      buying(purchase((a, order) => ({ body: { client_request_id: minuteKey(a, order, a.ref) } }))),
    ),
  },
  {
    name: "key made of the order",
    from: "a guide",
    variant: keyed(
      buying(purchase((_a, order) => ({ headers: { "idempotency-key": orderKey(order) } }))),
    ),
  },
  {
    name: "key with the number of the attempt",
    from: "a planted bug",
    variant: keyed(
      buying(purchase((a) => ({ headers: { "idempotency-key": `${a.key}-${a.attempt}` } }))),
    ),
  },
  {
    name: "key with the id of the run, started again",
    from: "a planted bug",
    variant: keyed(resumed(asInRun), { resumes: true, forgetsIntents: true }),
  },
  {
    name: "the venue is asked before it has settled",
    from: "a planted bug",
    variant: unkeyed(buying(asked), 0),
  },
  {
    name: "intents are forgotten, started again",
    from: "a planted bug",
    variant: unkeyed(
      resumed(() => [asked, ORDER]),
      SETTLED_MS,
      {
        resumes: true,
        forgetsIntents: true,
      },
    ),
  },
  {
    name: "the engine's key, sent by hand",
    from: "sound",
    variant: keyed(buying(purchase((a) => ({ headers: { "idempotency-key": a.key } })))),
  },
  {
    name: "the engine's key, started again",
    from: "sound",
    variant: keyed(
      resumed(() => asInRun("")),
      { resumes: true },
    ),
  },
  {
    name: "the venue is asked once it has settled",
    from: "sound",
    variant: unkeyed(buying(asked), SETTLED_MS),
  },
  {
    name: "intents are kept, started again",
    from: "sound",
    variant: unkeyed(
      resumed(() => [asked, ORDER]),
      SETTLED_MS,
      { resumes: true },
    ),
  },
];

/** Whether a pattern shows what it must: the sound ones nothing, all others something. */
export function isAsItMust(pattern: Pattern, { doubled, lost }: Tally): boolean {
  return doubled + lost > 0 !== (pattern.from === "sound");
}

/** @throws Error for a name that is none */
export function patternOf(name: string): Pattern {
  const found = PATTERNS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no pattern "${name}".`);
  return found;
}

export function runPattern(
  name: string,
  seed: string,
  size: { readonly effects: number; readonly crashes: number } = PATTERN_SIZE,
): Promise<Tally> {
  const { variant } = patternOf(name);
  const shard = { index: 0, seed: `${seed}/${name}`, ...size };
  return runShard(shard, { variant: variant() });
}
