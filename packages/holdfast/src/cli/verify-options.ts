// The options of `verify`. What it does is loaded when it is called.

import { type Command, InvalidArgumentError } from "commander";
import { VERIFY_DEFAULTS } from "../verify/defaults.ts";
import { guarded } from "./guarded.ts";
import type { VerifyCommandOptions } from "./verify-command.ts";

export function addVerifyCommand(program: Command): void {
  program
    .command("verify <workflow>")
    .description("crash a workflow at every step on the paper venue, and count what it did twice")
    .option("--config <file>", "configuration file (default: holdfast.config.ts in this folder)")
    .option("--input <json>", "its input, or a file with it (default: that of the fleet)")
    .option("--id <id>", "its workflow id (default: that of the fleet)")
    .option("--account <account>", "agent that it acts for (default: that of the fleet)")
    .option("--seed <text>", "another seed gives other prices", VERIFY_DEFAULTS.seed)
    .option("--for <duration>", "virtual time for which it is watched", VERIFY_DEFAULTS.for)
    .option(
      "--away <duration>",
      "virtual time for which a crashed engine is away",
      VERIFY_DEFAULTS.away,
    )
    .option("--max <count>", "variants at most", count, VERIFY_DEFAULTS.max)
    .option(
      "--max-seconds <seconds>",
      "real time that all of it may take",
      count,
      VERIFY_DEFAULTS.maxSeconds,
    )
    .option("--strict-output", "take another output for a violation")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
<workflow> is the name of a workflow, or the id of a run in the configuration's fleet. It runs once cleanly
on the paper venue under virtual time, then once for each variant: with a crash before and after each commit,
before each call is sent and after it is answered; with each answer dropped, and each so late that it is given
up. Real venues and API keys are never used; the configuration's own resources are, as they are.

Exit code: 0 proven, 1 violated, 2 nothing proven (no effect was found, or it could not be run).

Examples:
  holdfast verify dip-btc
  holdfast verify agents.dca --input '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"1w","periods":3}'`,
    )
    .action(
      guarded(async (name: string, options: VerifyCommandOptions) =>
        (await import("./verify-command.ts")).verifyCommand(name, options),
      ),
    );
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/u.test(text) && value > 0) return value;
  throw new InvalidArgumentError("Expected a whole number, at least 1.");
}
