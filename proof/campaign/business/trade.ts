// Runs that trade: positions, resting orders, everything closed at once, and orders in a hurry.

import { done, workflow } from "@holdfast/core";
import {
  cancelOrder,
  closeAllPositions,
  closePosition,
  executeTrade,
  getPrices,
  placeOrder,
} from "@holdfast/purpleflea";
import { type Business, NotDone, Work, decide, none } from "./decide.ts";

const SYMBOL = "BTC-PERP";
const order = { symbol: SYMBOL, side: "long", sizeUsd: "10.00" } as const;
/** Every so manieth round looks at prices first. */
const LOOKS_EVERY = 4;

/** Buys and sells, round by round; its journal is begun anew before it grows long. */
const trading: Business = {
  name: "trading",
  perRound: 2,
  roundsMax: 40,
  weight: 3,
  decisions: (id, n) => [`${id}/${n}/buy`, `${id}/${n}/sell`],
  workflow: workflow({
    name: "campaign.trading",
    input: Work,
    output: NotDone,
    run: (ctx, { rounds }) =>
      ctx.loop({ n: 0, notDone: none() }, async ({ n, notDone }) => {
        if (n === rounds) return done(notDone);
        const { id } = ctx.info;
        if (n % LOOKS_EVERY === 0) await ctx.call(getPrices, undefined, { total: "22h" });
        const buy = { ref: `${id}/${n}/buy`, input: order };
        const { positionId } = await decide(ctx, notDone, executeTrade, buy);
        const sell = { ref: `${id}/${n}/sell`, input: { positionId } };
        await decide(ctx, notDone, closePosition, sell);
        return { n: n + 1, notDone };
      }),
  }),
};

/** Orders that rest and are cancelled, and orders at market whose position is closed. */
const ordering: Business = {
  name: "ordering",
  perRound: 4,
  roundsMax: 15,
  weight: 3,
  decisions: (id, n) => ["rest", "cancel", "market", "close"].map((what) => `${id}/${n}/${what}`),
  workflow: workflow({
    name: "campaign.ordering",
    input: Work,
    output: NotDone,
    run: async (ctx, { rounds }) => {
      const notDone = none();
      for (let n = 0; n < rounds; n += 1) {
        const ref = (what: string): string => `${ctx.info.id}/${n}/${what}`;
        const resting = { ...order, type: "limit", limitPrice: "1.00" } as const;
        const { orderId } = await decide(ctx, notDone, placeOrder, {
          ref: ref("rest"),
          input: resting,
        });
        await decide(ctx, notDone, cancelOrder, { ref: ref("cancel"), input: { orderId } });
        const { positionId } = await decide(ctx, notDone, placeOrder, {
          ref: ref("market"),
          input: { ...order, type: "market" },
        });
        await decide(ctx, notDone, closePosition, {
          ref: ref("close"),
          input: { positionId: positionId ?? "" },
        });
      }
      return notDone;
    },
  }),
};

/** Opens two positions at once and gets out of everything: alone on its account. */
const closing: Business = {
  name: "closing",
  perRound: 3,
  roundsMax: 20,
  weight: 1,
  account: "closing",
  decisions: (id, n) => ["a", "b", "out"].map((what) => `${id}/${n}/${what}`),
  workflow: workflow({
    name: "campaign.closing",
    input: Work,
    output: NotDone,
    run: async (ctx, { rounds }) => {
      const notDone = none();
      for (let n = 0; n < rounds; n += 1) {
        const ref = (what: string): string => `${ctx.info.id}/${n}/${what}`;
        await Promise.all(
          ["a", "b"].map((one) =>
            decide(ctx, notDone, executeTrade, { ref: ref(one), input: order }),
          ),
        );
        await decide(ctx, notDone, closeAllPositions, { ref: ref("out"), input: undefined });
      }
      return notDone;
    },
  }),
};

/** An order that must be filled within a minute: what is unknown by then, the venue is asked about. */
const hurried: Business = {
  name: "hurried",
  perRound: 1,
  roundsMax: 40,
  weight: 2,
  decisions: (id, n) => [`${id}/${n}`],
  workflow: workflow({
    name: "campaign.hurried",
    input: Work,
    output: NotDone,
    run: async (ctx, { rounds }) => {
      const notDone = none();
      for (let n = 0; n < rounds; n += 1) {
        const ref = `${ctx.info.id}/${n}`;
        await decide(ctx, notDone, executeTrade, { ref, input: order, total: "1m" });
      }
      return notDone;
    },
  }),
};

export const tradeBusinesses: readonly Business[] = [trading, ordering, closing, hurried];
