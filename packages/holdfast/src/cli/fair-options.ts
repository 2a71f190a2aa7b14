// The options of `fair`. What it does is loaded when it is called.

import { type Command, InvalidArgumentError } from "commander";
import type { FairVerifyOptions } from "./fair-command.ts";
import { guarded } from "./guarded.ts";

export function addFairCommands(program: Command): void {
  const fair = program
    .command("fair")
    .description("check settled bets of the casino, and see what its games return");
  fair
    .command("verify [file]")
    .description("play a settled bet again from its revealed seed, and compare")
    .option(
      "--game <game>",
      "crash, dice, coinflip or slots: the bet is given by options, not by a file",
    )
    .option("--server-seed <text>", "the server seed, as it was revealed")
    .option("--server-seed-hash <hex>", "what was published before the bet")
    .option("--client-seed <text>", "the client seed")
    .option("--nonce <number>", "the nonce of the bet", decimal)
    .option("--cash-out <multiplier>", "of crash", decimal)
    .option("--target <number>", "of dice", decimal)
    .option("--over", "of dice: it wins above the target")
    .option("--under", "of dice: it wins below the target")
    .option("--side <side>", "of a coin: heads or tails")
    .option("--pays <profile>", "of a coin: seed (2.00) or house (1.96)", "seed")
    .option("--amount <usdc>", "the stake")
    .option("--payout <usdc>", "what was paid out")
    .option("--outcome <outcome>", "what was answered: win or loss")
    .option("--result <text>", 'what was answered: "1.70", "16.83", heads, "BAR BAR BELL"')
    .option("--json", "print the verdict as JSON")
    .addHelpText("after", VERIFY_HELP)
    .action(
      guarded(async (file: string | undefined, options: FairVerifyOptions) =>
        (await import("./fair-command.ts")).fairVerify(file, options),
      ),
    );
  fair
    .command("rtp")
    .description("what each game returns of a stake on average, counted over all draws")
    .option("--json", "print it as JSON")
    .action(
      guarded(async (options: { readonly json?: boolean }) =>
        (await import("./fair-command.ts")).fairRtp(options),
      ),
    );
}

const VERIFY_HELP = `
<file> holds a proof as JSON, as GET /casino/api/bets/<id>/proof answers it; "-", or nothing, is the standard
input. Nothing is sent anywhere.

Exit code: 0 it agrees, 1 it does not, 2 it cannot be checked.

Examples:
  curl -H "Authorization: Bearer $KEY" $VENUE/casino/api/bets/bet_1/proof | holdfast fair verify
  holdfast fair verify --game crash --cash-out 1.5 --server-seed holdfast-server-seed-0001 \\
    --client-seed holdfast-client --nonce 0 --result 1.19`;

function decimal(text: string): number {
  if (/^\d{1,12}(?:\.\d+)?$/u.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number.");
}
