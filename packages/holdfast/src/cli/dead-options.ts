// `dead` and `resume`: the runs that will not go on by themselves. Only their options.

import { type Command, Option } from "commander";
import type { DeadFilter, DecideOptions, DecisionWord } from "./dead-commands.ts";
import { guarded } from "./guarded.ts";
import type { ResolveOptions } from "./message-commands.ts";
import { json, state } from "./run-options.ts";
import type { Common } from "./running.ts";

export function addDeadCommands(program: Command): void {
  const dead = program
    .command("dead")
    .description("runs that will not go on by themselves: failed, in doubt, stuck, in quarantine");
  filtered(dead.command("list").description("list them, newest first, with what to do next"))
    .addOption(json)
    .option("--limit <count>", "at most so many, from 1 to 1000")
    .option("--cursor <cursor>", "go on where an earlier listing ended")
    .action(
      guarded(async (options: DeadFilter & Common) =>
        (await import("./dead-commands.ts")).deadListCommand(options),
      ),
    );
  dead
    .command("show <id>")
    .description("show one: why, since when, and what a resume would do again")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (id: string, options: Common) =>
        (await import("./dead-commands.ts")).deadShowCommand(id, options),
      ),
    );
  decision(dead, "resume", "let failed runs go on from before their failure, with the same keys");
  decision(dead, "discard", "take runs from the list; those that are open are terminated");
  dead
    .command("resolve <id> <key> <resolution>")
    .description("settle a call in doubt or in quarantine: the same as holdfast resolve")
    .addOption(state)
    .requiredOption("--reason <text>", "why; audited")
    .option("--output <json>", "the receipt, where it is done")
    .option("--actor <name>", "who decides (default: the user of this machine)")
    .action(
      guarded(async (id: string, key: string, resolution: string, options: ResolveOptions) =>
        (await import("./message-commands.ts")).resolveCommand(id, key, resolution, options),
      ),
    );
  decision(program, "resume", "let a failed run go on from before its failure, with the same keys");
}

function decision(parent: Command, word: DecisionWord, description: string): void {
  filtered(parent.command(`${word} [id]`).description(description))
    .addOption(json)
    .requiredOption("--reason <text>", "why; audited")
    .option("--all", "all that the filter fits, instead of one by its id")
    .option("--yes", "do not ask, where there are many")
    .option("--dry-run", "only say what would be done")
    .option("--actor <name>", "who decides (default: the user of this machine)")
    .action(
      guarded(async (id: string | undefined, options: DecideOptions) =>
        (await import("./dead-commands.ts")).decideCommand(word, id, options),
      ),
    );
}

function filtered(command: Command): Command {
  return command
    .addOption(state)
    .addOption(
      new Option("--kind <kind>", "only of this kind").choices([
        "failed",
        "in-doubt",
        "stuck",
        "quarantined",
        "awaiting-approval",
      ]),
    )
    .option("--workflow <name>", "only of this workflow")
    .option("--code <code>", "only with this failure")
    .option("--class <class>", "only of this class: network, api, data, logic, state, resource")
    .option("--fingerprint <text>", "only of this cause");
}
