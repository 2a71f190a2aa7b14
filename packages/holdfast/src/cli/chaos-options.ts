// The options of `chaos`. What it does is loaded when it is called, and says what of them does not fit.

import type { Command } from "commander";
import { CHAOS_DEFAULTS } from "../chaos/defaults.ts";
import type { ChaosCommandOptions } from "./chaos-command.ts";
import { guarded } from "./guarded.ts";

export function addChaosCommand(program: Command): void {
  program
    .command("chaos <workflow>")
    .description("let a workflow run on a paper venue that fails, and count what it did twice")
    .option("--config <file>", "configuration file (default: holdfast.config.ts in this folder)")
    .option("--input <json>", "its input, or a file with it (default: that of the fleet)")
    .option("--id <id>", "its workflow id (default: that of the fleet)")
    .option("--account <account>", "agent that it acts for (default: that of the fleet)")
    .option(
      "--seconds <seconds>",
      "real seconds for which it lasts",
      String(CHAOS_DEFAULTS.seconds),
    )
    .option(
      "--failure-rate <share>",
      "share of the calls that fail, from 0 to 1",
      String(CHAOS_DEFAULTS.failureRate),
    )
    .option("--latency <duration>", "what each answer takes longer", CHAOS_DEFAULTS.latency)
    .option("--suite <name>", "agent: all at once; seed4: in turn", CHAOS_DEFAULTS.suite)
    .option("--kill", "crash the engine now and then, too")
    .option("--seed <text>", "another seed lets other calls fail", CHAOS_DEFAULTS.seed)
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
<workflow> is the name of a workflow, or the id of a run in the configuration's fleet. It runs on a paper venue of
its own in a temporary folder, which answers with 500 and 503, loses answers after the commit, cuts lines, is slow
and shows old prices; a run that completes is started again. When the time is over the venue is well again, what is
open comes to its end, and the journal is held against the venue's ledger. Real venues, API keys and the state
folder are never used; the configuration's own resources are, as they are.

Exit code: 0 held, 1 something doubled, lost or wrong, 2 nothing shown (no effect was found, nothing struck, or it could not run).

Examples:
  holdfast chaos dca-btc --seconds 60 --failure-rate 0.3 --latency 500ms
  holdfast chaos agents.dca --kill --input '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"2s","periods":20}'`,
    )
    .action(
      guarded(async (name: string, options: ChaosCommandOptions) =>
        (await import("./chaos-command.ts")).chaosCommand(name, options),
      ),
    );
}
