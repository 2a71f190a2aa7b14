// The casino's paths: bets in the dialects of the guides, the seeds behind them, and the proof of each bet.

import { z } from "zod";
import { CASH_OUT_MAX, CASH_OUT_MIN, TARGET_MAX, TARGET_MIN } from "../fair/bet.ts";
import { Carriers } from "./carrier.ts";
import { GuideNumber, Micros, RequestAmount } from "./money.ts";

const TWO_DECIMALS = /^\d{1,12}(?:\.\d{1,2})?$/u;

/** A number, or a decimal in a string, within limits and with at most two decimals. */
function hundredths(min: number, max: number): z.ZodType<number, number | string> {
  return z
    .union([z.string(), z.number()])
    .refine(
      (value) => TWO_DECIMALS.test(String(value)) && Number(value) >= min && Number(value) <= max,
      {
        error: `expected a number from ${min} to ${max} with at most two decimals`,
      },
    )
    .transform(Number);
}

const cashOut = hundredths(CASH_OUT_MIN, CASH_OUT_MAX);
const target = hundredths(TARGET_MIN, TARGET_MAX);
const Side = z.enum(["heads", "tails"]);

/** POST /casino/api/crash/bet. */
export const CrashBetRequest = z.object({
  amount: RequestAmount,
  auto_cashout: cashOut,
  ...Carriers.shape,
});

/** POST /casino/api/coinflip/bet. */
export const CoinFlipBetRequest = z.object({
  amount: RequestAmount,
  side: Side,
  ...Carriers.shape,
});

/** POST /casino/api/dice/roll. Over where nothing is said, as the guides' clients have it. */
export const DiceRollRequest = z.object({
  amount: RequestAmount,
  target,
  over: z.boolean().default(true),
  ...Carriers.shape,
});

/** POST /casino/api/slots/spin: an extension, no guide has a path for it. */
export const SlotsSpinRequest = z.object({ amount: RequestAmount, ...Carriers.shape });

const v1 = { amount_usd: RequestAmount, ...Carriers.shape };

/** POST /api/v1/casino/bet, the first guide's: one path for all games, their own fields in `params`. */
export const CasinoBetRequest = z.discriminatedUnion("game", [
  z.object({ game: z.literal("crash"), params: z.object({ auto_cashout: cashOut }), ...v1 }),
  z.object({
    game: z.enum(["coin flip", "coin_flip", "coin-flip", "coinflip"]),
    params: z.object({ side: Side }),
    ...v1,
  }),
  z.object({
    game: z.literal("dice"),
    params: z.object({ target, over: z.boolean().default(true) }),
    ...v1,
  }),
  z.object({ game: z.literal("slots"), params: z.object({}).default({}), ...v1 }),
]);

/** What fixes a round before it is played; the server seed itself stays hidden until it is rotated. */
export const RoundProof = z.object({
  server_seed_hash: z.string(),
  client_seed: z.string(),
  nonce: z.number().int(),
});

export const BetResponse = z.object({
  bet_id: z.string(),
  trade_id: z.string().optional(),
  game: z.string(),
  outcome: z.enum(["win", "loss"]),
  /** "1.70", "16.83", "heads", "BAR BAR BELL". */
  result: z.string(),
  roll: GuideNumber,
  crash_at: GuideNumber,
  reels: z.array(z.string()).optional(),
  /** What a win pays for each unit staked; for slots what this draw pays. At most four decimals. */
  payout_multiplier: z.number(),
  amount_micros: Micros,
  amount: GuideNumber,
  payout_micros: Micros,
  payout: GuideNumber,
  pnl_micros: Micros,
  pnl_usdc: GuideNumber,
  balance_micros: Micros,
  balance_usdc: GuideNumber,
  new_balance: GuideNumber,
  proof: RoundProof,
  ts: z.number().optional(),
});

/** GET /casino/api/fairness/seed. */
export const FairnessSeedResponse = z.object({
  server_seed_hash: z.string(),
  /** Of the server seed that the next rotation puts in its place: fixed before a client seed is chosen for it. */
  next_server_seed_hash: z.string(),
  client_seed: z.string(),
  /** That of the next bet. */
  nonce: z.number().int(),
});

/** Longest client seed, in characters. */
export const CLIENT_SEED_LENGTH_MAX = 64;

/** POST /casino/api/fairness/rotate; without a client seed the old one stays. */
export const RotateRequest = z.object({
  client_seed: z
    .string()
    .regex(/^[\x21-\x7e]+$/u, { error: "expected printable ASCII without spaces" })
    .max(CLIENT_SEED_LENGTH_MAX)
    .optional(),
  ...Carriers.shape,
});

export const RotateResponse = FairnessSeedResponse.extend({
  revealed: z.object({
    server_seed: z.string(),
    server_seed_hash: z.string(),
    client_seed: z.string(),
    /** How many bets it has settled: their nonces are 0 to one less. */
    bets: z.number().int(),
  }),
});

/** GET /casino/api/bets/:id/proof: what `fair.readClaim()` reads. The server seed is null until it is revealed. */
export const BetProofResponse = z.object({
  bet_id: z.string(),
  game: z.string(),
  params: z.record(z.string(), z.unknown()),
  outcome: z.enum(["win", "loss"]),
  result: z.string(),
  payout_multiplier: z.number(),
  amount_micros: z.string(),
  payout_micros: z.string(),
  server_seed: z.string().nullable(),
  server_seed_hash: z.string(),
  client_seed: z.string(),
  nonce: z.number().int(),
  /** ISO 8601. */
  date: z.string(),
  ref: z.string().nullable(),
});

/** GET /casino/api/bets: newest first. */
export const BetsResponse = z.object({ bets: z.array(BetProofResponse) });

export type CasinoBetRequest = z.output<typeof CasinoBetRequest>;
export type BetResponse = z.output<typeof BetResponse>;
export type FairnessSeedResponse = z.output<typeof FairnessSeedResponse>;
export type RotateResponse = z.output<typeof RotateResponse>;
export type BetProofResponse = z.output<typeof BetProofResponse>;
