// Runs that move money otherwise: paper money in and out, bets, escrows, domains, jobs, the faucet.

import { type Activity, activity, done, workflow } from "@holdfast/core";
import {
  casinoBet,
  claimFaucet,
  createEscrow,
  disputeEscrow,
  money,
  postJob,
  purpleFlea,
  registerDomain,
  releaseEscrow,
  renewDomain,
} from "@holdfast/purpleflea";
import { z } from "zod";
import {
  type Business,
  type Ctx,
  type NotDone as Open,
  NotDone,
  Work,
  decide,
  none,
} from "./decide.ts";

function transfer(way: "deposit" | "withdraw"): Activity<{ amountUsd: string }, string> {
  return activity({
    name: `campaign.${way}`,
    input: z.object({ amountUsd: money() }),
    output: z.string(),
    effect: "money",
    uses: { venue: purpleFlea },
    timeouts: { total: "22h", attempt: "10s" },
    run: async ({ amountUsd: amount }, a) =>
      (await a.use(purpleFlea).wallet[way]({ amount })).tx_hash,
  }) as Activity<{ amountUsd: string }, string>;
}

export const deposit: Activity<{ amountUsd: string }, string> = transfer("deposit");
export const withdraw: Activity<{ amountUsd: string }, string> = transfer("withdraw");

/** A run of rounds, one after the other, that begins its journal anew before it grows long. */
function rounds(
  name: string,
  round: (ctx: Ctx, notDone: Open, n: number, pauseMs: number) => Promise<void>,
): Business["workflow"] {
  return workflow({
    name: `campaign.${name}`,
    input: Work,
    output: NotDone,
    run: (ctx, work) =>
      ctx.loop({ n: 0, notDone: none() }, async ({ n, notDone }) => {
        if (n === work.rounds) return done(notDone);
        await round(ctx, notDone, n, work.pauseMs);
        return { n: n + 1, notDone };
      }),
  });
}

/** Paper money in, and out again. Rounds of one, so that a campaign comes to its exact size. */
const treasury: Business = {
  name: "treasury",
  perRound: 1,
  roundsMax: 40,
  weight: 2,
  decisions: (id, n) => [`${id}/${n}`],
  workflow: rounds("treasury", async (ctx, notDone, n, pauseMs) => {
    await ctx.sleep(pauseMs);
    const way = n % 2 === 0 ? deposit : withdraw;
    const ref = `${ctx.info.id}/${n}`;
    await decide(ctx, notDone, way, { ref, input: { amountUsd: "1.25" } });
  }),
};

const PLAYS = [
  { game: "coinflip", side: "heads" },
  { game: "dice", target: 50, over: true },
  { game: "crash", cashOut: 2 },
  { game: "slots" },
] as const;

/** Four bets at once. */
const bets: Business = {
  name: "bets",
  perRound: PLAYS.length,
  roundsMax: 20,
  weight: 2,
  decisions: (id, n) => PLAYS.map(({ game }) => `${id}/${n}/${game}`),
  workflow: rounds("bets", async (ctx, notDone, n, pauseMs) => {
    await ctx.sleep(2 * pauseMs);
    await Promise.all(
      PLAYS.map((play) => {
        const ref = `${ctx.info.id}/${n}/${play.game}`;
        return decide(ctx, notDone, casinoBet, { ref, input: { amount: "0.10", play } });
      }),
    );
  }),
};

const ENDS = [releaseEscrow, disputeEscrow] as const;

/** Money is locked, and paid or disputed. */
const escrow: Business = {
  name: "escrow",
  perRound: 2,
  roundsMax: 25,
  weight: 3,
  decisions: (id, n) => [`${id}/${n}/lock`, `${id}/${n}/end`],
  workflow: rounds("escrow", async (ctx, notDone, n) => {
    const { id } = ctx.info;
    const lock = { ref: `${id}/${n}/lock`, input: { to: "a worker", amountUsd: "2.00" } };
    const { escrowId } = await decide(ctx, notDone, createEscrow, lock);
    const end = ENDS[n % ENDS.length] ?? releaseEscrow;
    await decide(ctx, notDone, end, { ref: `${id}/${n}/end`, input: { escrowId } });
  }),
};

/** Names for a year, and for another. */
const names: Business = {
  name: "names",
  perRound: 2,
  roundsMax: 15,
  weight: 1,
  decisions: (id, n) => [`${id}/${n}/register`, `${id}/${n}/renew`],
  workflow: rounds("names", async (ctx, notDone, n) => {
    const { id } = ctx.info;
    const name = `${id}-number-${n}.xyz`;
    const first = { ref: `${id}/${n}/register`, input: { name } };
    const { expiresAt } = await decide(ctx, notDone, registerDomain, first);
    const more = { ref: `${id}/${n}/renew`, input: { name, expiresAt } };
    await decide(ctx, notDone, renewDomain, more);
  }),
};

/** Work is ordered from a worker of the venue, and paid on delivery. */
const jobs: Business = {
  name: "jobs",
  perRound: 1,
  roundsMax: 20,
  weight: 1,
  decisions: (id, n) => [`${id}/${n}`],
  workflow: rounds("jobs", async (ctx, notDone, n) => {
    const job = { worker: "worker:reliable", amountUsd: "1.00", spec: "count", autoRelease: true };
    await decide(ctx, notDone, postJob, { ref: `${ctx.info.id}/${n}`, input: job });
  }),
};

/** The faucet gives once a day: the one run that sleeps for days. */
const patient: Business = {
  name: "patient",
  perRound: 1,
  roundsMax: 3,
  weight: 1,
  account: "patient",
  decisions: (id, n) => [`${id}/${n}`],
  workflow: rounds("patient", async (ctx, notDone, n) => {
    await decide(ctx, notDone, claimFaucet, { ref: `${ctx.info.id}/${n}`, input: undefined });
    await ctx.sleep("25h");
  }),
};

export const moneyBusinesses: readonly Business[] = [treasury, bets, escrow, names, jobs, patient];
