// `--env NAME` for every command that has a state folder: chooses the folder, and tells the configuration.

import { type Command, Option } from "commander";
import { HoldfastError } from "@holdfast/core";
import { ENVIRONMENT, environmentFolder, environmentName } from "../config/environment.ts";

/** Adds the option to all commands with a state folder, and carries it out before they begin. */
export function addEnvironment(program: Command): void {
  for (const command of commandsOf(program)) {
    if (!command.options.some(({ long }) => long === "--state")) continue;
    command.addOption(
      new Option("--env <name>", `environment, with a state folder of its own (${ENVIRONMENT})`),
    );
  }
  program.hook("preAction", (_program, command) => {
    choose(command);
  });
}

/** @throws HF-ENV-INVALID */
function choose(command: Command): void {
  const options = command.opts<{ env?: string }>();
  const { env } = options;
  // It is not for the commands themselves, some of which pass their options on.
  delete options.env;
  const source = command.getOptionValueSource("state");
  if (env !== undefined) {
    if (source === "cli") {
      throw new HoldfastError(
        "HF-ENV-INVALID",
        "Cannot use --env and --state together: each names a state folder. Leave one out.",
        { class: "data" },
      );
    }
    process.env[ENVIRONMENT] = env;
  }
  const name = environmentName();
  if (name === undefined || source !== "default") return;
  const base = String(command.getOptionValue("state"));
  command.setOptionValueWithSource("state", environmentFolder(base, name), "env");
}

function commandsOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}
