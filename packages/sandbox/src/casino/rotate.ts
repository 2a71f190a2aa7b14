// Another seed: the old one is revealed, and with it all its bets can be checked.

import { micros } from "@holdfast/core";
import type { RotateResponse } from "@holdfast/purpleflea/wire";
import type { Context } from "../command/context.ts";
import type { Outcome } from "../command/outcome.ts";
import { seedAnswer } from "./answer.ts";
import type { CasinoCommand } from "./command.ts";
import { rotateSeeds } from "./seed.ts";

type RotateCommand = Extract<CasinoCommand, { operation: "rotate-seed" }>;

export function rotate({ clientSeed }: RotateCommand, context: Context): Outcome {
  const { revealed, ...seeds } = rotateSeeds(context, clientSeed);
  const body: RotateResponse = {
    ...seedAnswer(seeds),
    revealed: {
      server_seed: revealed.serverSeed,
      server_seed_hash: revealed.serverSeedHash,
      client_seed: revealed.clientSeed,
      bets: revealed.nonce,
    },
  };
  return {
    kind: "done",
    status: 200,
    body: { ...body },
    agent: context.agent,
    amount: micros(0n),
    event: { type: "casino.seed_rotated", payload: { ...body } },
  };
}
