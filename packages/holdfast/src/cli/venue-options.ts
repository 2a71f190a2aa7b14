// `venue …`: acts at the project's venue by hand. Only the options; what they do is loaded when it is called.

import { type Command, Option } from "commander";
import { config, state } from "./host-options.ts";
import { guarded } from "./guarded.ts";
import type {
  ChangeOptions,
  CloseAllOptions,
  RegisterOptions,
  VenueOptions,
  WriteOptions,
} from "./venue-commands.ts";

const url = new Option(
  "--url <address>",
  "a paper venue elsewhere, instead of the configuration's; its key comes from PURPLEFLEA_API_KEY",
);
const account = new Option(
  "--account <account>",
  "agent of the project (default: the first of the configuration)",
);
const json = new Option("--json", "print JSON");
const key = new Option(
  "--key <key>",
  "name of this one deed: the same command with the same key does not act twice (default: random)",
);

const commands = (): Promise<typeof import("./venue-commands.ts")> => import("./venue-commands.ts");

export function addVenueCommands(program: Command): void {
  const venue = program
    .command("venue")
    .description("act at the project's venue by hand, paper or live")
    .addHelpText(
      "after",
      `
The venue is the configuration's: a paper venue must be running ("holdfast dev" or "holdfast sandbox"), a live
one needs a live key. API keys are never printed and never given on the command line.

Examples:
  holdfast venue balance
  holdfast venue positions --env live --json
  holdfast venue close-all --env live
  PURPLEFLEA_API_KEY=pf_test_… holdfast venue balance --url http://127.0.0.1:4100`,
    );
  addLooks(venue);
  addDeeds(venue);
}

function addLooks(venue: Command): void {
  common(venue.command("balance").description("what the account has"))
    .addOption(url)
    .action(guarded(async (options: VenueOptions) => (await commands()).balanceCommand(options)));
  common(venue.command("positions").description("the account's open positions"))
    .addOption(url)
    .action(guarded(async (options: VenueOptions) => (await commands()).positionsCommand(options)));
}

function addDeeds(venue: Command): void {
  common(
    venue
      .command("register")
      .description(
        "register the account's agent; its API key goes to the secrets and nowhere else",
      ),
  )
    .addOption(url)
    .addOption(key)
    .option("--name <name>", "name of the agent at the venue (default: the configuration's)")
    .action(
      guarded(async (options: RegisterOptions) => (await commands()).registerCommand(options)),
    );
  common(venue.command("claim").description("claim the faucet"))
    .addOption(url)
    .addOption(key)
    .action(guarded(async (options: WriteOptions) => (await commands()).claimCommand(options)));
  common(venue.command("close-all").description("close all positions of the account at market"))
    .addOption(url)
    .addOption(key)
    .option("--yes", "do not ask")
    .action(
      guarded(async (options: CloseAllOptions) => (await commands()).closeAllCommand(options)),
    );
  common(
    venue
      .command("change")
      .description("put another API key in the place of the account's, after asking the venue"),
  )
    .option(
      "--new-key-from <variable>",
      "variable that holds the new key (default: standard input)",
    )
    .option("--other-agent", "the new key belongs to another agent; refused while runs are open")
    .addHelpText(
      "after",
      `
Example:
  holdfast venue change --env live < new-key.txt

The choice between paper and live is the configuration's, and each has its state folder: see --env.`,
    )
    .action(guarded(async (options: ChangeOptions) => (await commands()).changeCommand(options)));
}

function common(command: Command): Command {
  return command.addOption(config).addOption(state).addOption(account).addOption(json);
}
