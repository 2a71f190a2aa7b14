// The command line. Each command loads what it needs when it is called, so that `--help` costs nothing; what
// it throws becomes one message with a way out, never a stack.

import { Command } from "commander";
import { addBreakerCommands } from "./breaker-options.ts";
import { addChaosCommand } from "./chaos-options.ts";
import { addDeadCommands } from "./dead-options.ts";
import { addEngineCommands } from "./engine-options.ts";
import { addFairCommands } from "./fair-options.ts";
import { addEnvironment } from "./environment.ts";
import { addGuardCommands } from "./guard-options.ts";
import { addHostCommands } from "./host-options.ts";
import { addNotifyCommands } from "./notify-options.ts";
import { addProjectCommands } from "./project-options.ts";
import { addRunCommands } from "./run-options.ts";
import { addVenueCommands } from "./venue-options.ts";
import { addVerifyCommand } from "./verify-options.ts";
import { VERSION } from "./version.ts";

// Whoever reads us may stop reading, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
if (process.send !== undefined) {
  // Started by the shim on another Node: a kill of the shim must never leave an engine behind.
  process.on("disconnect", () => process.exit(1));
  process.channel?.unref();
}

const program = new Command("holdfast")
  .description("Durable financial agents: journaled, retried, bounded, proven.")
  .version(VERSION)
  .showHelpAfterError('(run "holdfast --help" for the commands)')
  .addHelpText(
    "after",
    `
Examples:
  holdfast dev                                   run holdfast.config.ts, or a demo, with the paper venue
  holdfast dev --for 30s                         the same, for half a minute
  holdfast init my-agent                         a new project in a new folder
  holdfast check                                 before a deploy: does the code fit what runs?
  holdfast doctor                                is everything that it needs in order?
  holdfast backup ~/monday.sqlite                a copy of the journal, also while it runs
  holdfast runs --status open --json             in another terminal: what runs
  holdfast run dca-btc --history                 one run, entry by entry
  holdfast start agents.dca '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"1w","periods":52}' --id dca-2
  holdfast signal dca-btc pause '{"reason":"holiday"}'
  holdfast query dca-btc progress
  holdfast dead list                             runs that will not go on by themselves
  holdfast halt --close-all --reason "…"         send nothing more, and close what is open
  holdfast guard                                 modes, budgets, approvals that wait
  holdfast approve 3f9c20ab11de                  say yes to exactly that command
  holdfast audit verify                          was anything changed that was written down?
  holdfast breakers                              which venues are let alone, and until when
  holdfast engine drain                          take no new starts, and see what is open
  holdfast venue balance                         what the account has at its venue
  holdfast notify test                           does what we tell people arrive?
  holdfast verify dca-btc                        crash it everywhere, and count its effects
  holdfast chaos dca-btc --kill                  let its venue fail for a minute, and crash it
  holdfast fair verify proof.json                play a settled bet of the casino again

State lies in .holdfast; after Ctrl-C or kill -9, "holdfast dev" goes on where it was.
HOLDFAST_DEBUG=1 shows the stack of an error.`,
  );

addHostCommands(program);
addProjectCommands(program);
addRunCommands(program);
addDeadCommands(program);
addGuardCommands(program);
addBreakerCommands(program);
addEngineCommands(program);
addVerifyCommand(program);
addChaosCommand(program);
addNotifyCommands(program);
addFairCommands(program);
addVenueCommands(program);
addEnvironment(program);
try {
  await program.parseAsync();
} catch (error) {
  const { sayError } = await import("./print.ts");
  sayError(error);
}
