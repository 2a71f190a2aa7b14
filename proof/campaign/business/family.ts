// Runs that act on each other: children side by side, sagas that undo what they did, messages from run to run.

import { HoldfastError, done, signal, workflow } from "@holdfast/core";
import { cancelOrder, casinoBet, placeOrder } from "@holdfast/purpleflea";
import { z } from "zod";
import { type Business, NotDone, Work, decide, none } from "./decide.ts";
import { deposit } from "./money.ts";

const merge = (all: readonly NotDone[]): NotDone => ({
  refused: all.flatMap(({ refused }) => refused),
  late: all.flatMap(({ late }) => late),
});

const One = z.object({ ref: z.string() });

const better = workflow({
  name: "campaign.better",
  input: One,
  output: NotDone,
  run: async (ctx, { ref }) => {
    const notDone = none();
    const play = { game: "coinflip", side: "tails" } as const;
    await decide(ctx, notDone, casinoBet, { ref, input: { amount: "0.10", play } });
    return notDone;
  },
});

const KIDS = 3;
const kidsOf = (id: string, n: number): readonly string[] =>
  Array.from({ length: KIDS }, (_, kid) => `${id}/${n}/${kid}`);

/** Children side by side, each with a bet of its own; the parent begins its journal anew between rounds. */
const family: Business = {
  name: "family",
  perRound: KIDS,
  roundsMax: 12,
  weight: 2,
  children: [better],
  decisions: kidsOf,
  workflow: workflow({
    name: "campaign.family",
    input: Work,
    output: NotDone,
    run: (ctx, { rounds }) =>
      ctx.loop({ n: 0, notDone: none() }, async ({ n, notDone }) => {
        if (n === rounds) return done(notDone);
        const kids = await Promise.all(
          kidsOf(ctx.info.id, n).map((ref) => ctx.child(better, { ref })),
        );
        return { n: n + 1, notDone: merge([notDone, ...kids]) };
      }),
  }),
};

const TRIP = ["flight", "hotel"] as const;

/** What is booked is an order that rests: it can be taken back. */
const booking = { symbol: "BTC-PERP", side: "long", type: "limit", limitPrice: "1.00" } as const;

/** Books two things, cannot go, and takes both back. */
const trip = workflow({
  name: "campaign.trip",
  input: One,
  output: NotDone,
  run: async (ctx, { ref }) => {
    const notDone = none();
    const noVisa = "CAMPAIGN-NO-VISA";
    const tour = ctx.saga(async (saga, inner) => {
      for (const what of TRIP) {
        const { orderId } = await decide(inner, notDone, placeOrder, {
          ref: `${ref}/book/${what}`,
          input: { ...booking, sizeUsd: "10.00" },
        });
        saga.compensate(what, (safe) =>
          decide(safe, notDone, cancelOrder, { ref: `${ref}/undo/${what}`, input: { orderId } }),
        );
      }
      throw new HoldfastError(noVisa, "cannot go");
    });
    await tour.catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== noVisa) throw error;
    });
    return notDone;
  },
});

/** Trips that are all undone. */
const tours: Business = {
  name: "tours",
  perRound: 2 * TRIP.length,
  roundsMax: 8,
  weight: 2,
  children: [trip],
  decisions: (id, n) =>
    TRIP.flatMap((what) => [`${id}/${n}/book/${what}`, `${id}/${n}/undo/${what}`]),
  workflow: workflow({
    name: "campaign.tours",
    input: Work,
    output: NotDone,
    run: async (ctx, { rounds }) => {
      let notDone = none();
      for (let n = 0; n < rounds; n += 1) {
        const child = await ctx.child(trip, { ref: `${ctx.info.id}/${n}` });
        notDone = merge([notDone, child]);
      }
      return notDone;
    },
  }),
};

/** Does what it is told by messages, in their order, until it is told to stop. */
const desk = workflow({
  name: "campaign.desk",
  input: z.undefined(),
  output: NotDone,
  signals: { pay: z.string(), stop: signal() },
  run: async (ctx) => {
    const notDone = none();
    const orders: string[] = [];
    let stopped = false;
    ctx.onSignal("pay", (ref) => void orders.push(ref));
    ctx.onSignal("stop", () => {
      stopped = true;
    });
    for (;;) {
      await ctx.until(() => orders.length > 0 || stopped);
      const ref = orders.shift();
      if (ref === undefined) return notDone;
      await decide(ctx, notDone, deposit, { ref, input: { amountUsd: "0.50" } });
    }
  },
});

/** Sends messages to a run that acts on them: a message that is lost or doubled is an effect that is. */
const messages: Business = {
  name: "messages",
  perRound: 1,
  roundsMax: 25,
  weight: 2,
  children: [desk],
  decisions: (id, n) => [`${id}/${n}`],
  workflow: workflow({
    name: "campaign.messages",
    input: Work,
    output: NotDone,
    run: async (ctx, { rounds }) => {
      const child = await ctx.startChild(desk, undefined);
      for (let n = 0; n < rounds; n += 1) await child.signal("pay", `${ctx.info.id}/${n}`);
      await child.signal("stop");
      return child.result();
    },
  }),
};

export const familyBusinesses: readonly Business[] = [family, tours, messages];
