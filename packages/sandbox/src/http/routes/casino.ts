// Paths of the casino: bets in the guides' dialects, the seeds behind them, proofs, and the check that is open
// to everybody.

import { ClaimError } from "@holdfast/purpleflea/fair";
import {
  CasinoBetRequest,
  CoinFlipBetRequest,
  CrashBetRequest,
  DiceRollRequest,
  RotateRequest,
  SlotsSpinRequest,
} from "@holdfast/purpleflea/wire";
import { proofAnswer, seedAnswer } from "../../casino/answer.ts";
import { checkAnswer, gamesAnswer } from "../../casino/check.ts";
import type { WantedBet } from "../../casino/command.ts";
import { seedsOf } from "../../casino/seed.ts";
import type { Command, Json } from "../../command/command.ts";
import { ProblemError } from "../problem.ts";
import { limitOf } from "../query.ts";
import { type Asked, type Route, type WriteOptions, ask, read, write } from "../route.ts";

const amount = ["amount_usd", "amount_usdc"];

const crash: WriteOptions<typeof CrashBetRequest> = {
  schema: CrashBetRequest,
  aliases: { amount },
  command: (body) => betCommand(body.amount, { game: "crash", cashOut: body.auto_cashout }),
};

const coinFlip: WriteOptions<typeof CoinFlipBetRequest> = {
  schema: CoinFlipBetRequest,
  aliases: { amount },
  command: (body) => betCommand(body.amount, { game: "coinflip", side: body.side }),
};

const dice: WriteOptions<typeof DiceRollRequest> = {
  schema: DiceRollRequest,
  aliases: { amount },
  command: ({ amount, target, over }) => betCommand(amount, { game: "dice", target, over }),
};

const slots: WriteOptions<typeof SlotsSpinRequest> = {
  schema: SlotsSpinRequest,
  aliases: { amount },
  command: (body) => betCommand(body.amount, { game: "slots" }),
};

const anyGame: WriteOptions<typeof CasinoBetRequest> = {
  schema: CasinoBetRequest,
  aliases: { amount_usd: ["amount", "amount_usdc"] },
  command: (body) => betCommand(body.amount_usd, betOf(body)),
};

const rotate: WriteOptions<typeof RotateRequest> = {
  schema: RotateRequest,
  command: ({ client_seed }) => ({ operation: "rotate-seed", clientSeed: client_seed }),
};

export const casinoRoutes: readonly Route[] = [
  write("main", "/api/v1/casino/bet", "bet", anyGame),
  write("main", "/casino/api/crash/bet", "bet", crash),
  write("main", "/casino/api/coinflip/bet", "bet", coinFlip),
  write("main", "/casino/api/dice/roll", "bet", dice),
  write("main", "/casino/api/slots/spin", "bet", slots),
  write("main", "/casino/api/fairness/rotate", "rotate-seed", rotate),
  read("main", "/casino/api/fairness/seed", "seed", {
    answer: ({ venue, agent }) => ({
      ...venue.look(agent, (context) => seedAnswer(seedsOf(context))),
    }),
  }),
  read("main", "/casino/api/bets", "bets", {
    answer: ({ venue, agent, url }) => ({
      bets: venue.look(agent, ({ store }) =>
        store.casino.bets(agent, limitOf(url)).map(proofAnswer),
      ),
    }),
  }),
  read("main", "/casino/api/bets/:id/proof", "proof", { answer: proof }),
  read("main", "/casino/api/games", "games", {
    open: true,
    answer: ({ venue }) => venue.look("", ({ terms }) => gamesAnswer(terms.casino)),
  }),
  ask("main", "/casino/api/fairness/verify", "verify", { open: true, answer: check }),
];

function betCommand(
  amount: Extract<Command, { operation: "bet" }>["amount"],
  bet: WantedBet,
): Command {
  return { operation: "bet", amount, bet };
}

function betOf(body: CasinoBetRequest): WantedBet {
  switch (body.game) {
    case "crash":
      return { game: "crash", cashOut: body.params.auto_cashout };
    case "dice":
      return { game: "dice", target: body.params.target, over: body.params.over };
    case "slots":
      return { game: "slots" };
    default:
      return { game: "coinflip", side: body.params.side };
  }
}

function proof({ venue, agent, path }: Asked): Json {
  const id = path.split("/").at(-2) ?? "";
  const found = venue.look(agent, ({ store }) => store.casino.bet(id));
  if (found?.agent === agent) return { ...proofAnswer(found) };
  throw new ProblemError("unknown_bet", "There is no such bet of this agent.");
}

function check({ body }: Asked): Json {
  try {
    return checkAnswer(body);
  } catch (error) {
    if (error instanceof ClaimError) throw new ProblemError("invalid_request", error.message);
    throw error;
  }
}
