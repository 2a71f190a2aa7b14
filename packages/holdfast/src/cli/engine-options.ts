// `engine`: leaving the embedded engine for another one. Only the options; what they do is loaded when it is called.

import type { Command } from "commander";
import type { DrainCommandOptions } from "./drain-command.ts";
import { guarded } from "./guarded.ts";
import { config } from "./host-options.ts";
import type { MoveCommandOptions } from "./move-command.ts";
import { json, state } from "./run-options.ts";

const actor = ["--actor <name>", "who decides (default: the user of this machine)"] as const;

export function addEngineCommands(program: Command): void {
  const engine = program
    .command("engine")
    .description("leave the embedded engine: take no new starts, and move runs to a cluster");
  engine
    .command("drain")
    .description("take no new starts, and list what is open and since when")
    .addOption(state)
    .addOption(json)
    .option("--undo", "take starts again, and take back what has left and was not moved")
    .option("--reason <text>", "why; audited", "the engine is to be left")
    .option(...actor)
    .addHelpText(
      "after",
      `
It holds until it is undone, also after a restart. Open runs go on until they end, children included. Repeated, it
lists again.`,
    )
    .action(
      guarded(async (options: DrainCommandOptions) =>
        (await import("./drain-command.ts")).drainCommand(options),
      ),
    );
  engine
    .command("move")
    .description(
      "drain, and let runs go on where the configuration says, from the end of their loop's pass",
    )
    .addOption(config)
    .option(
      "--from <folder>",
      "state folder of the engine that is left (default: the configuration's)",
    )
    .option("--follow", "go on until nothing is open any more, instead of once")
    .option("--for <duration>", 'with --follow: end by itself after a time such as "1h"')
    .addOption(json)
    .option("--reason <text>", "why; audited", "moved to another engine")
    .option(...actor)
    .addHelpText(
      "after",
      `
The configuration names the new engine, with the keys of the journal:
  engine: temporal({ address: "127.0.0.1:7233", namespace: "holdfast", keys: "<namespace of the journal>" })
A run with ctx.loop leaves at the end of a pass, when nothing of it is under way, and begins there with the same
keys; others stay until they end, with the reason. The old process may run or be stopped; a stopped one brings no
run to the end of its pass. After a crash the same command goes on where it was.`,
    )
    .action(
      guarded(async (options: MoveCommandOptions) =>
        (await import("./move-command.ts")).moveCommand(options),
      ),
    );
}
