// `breakers`: the breakers of venues. Only its options.

import type { Command } from "commander";
import type { ForceOptions } from "./breaker-commands.ts";
import { guarded } from "./guarded.ts";
import { json, state } from "./run-options.ts";
import type { Common } from "./running.ts";

const WISHES = {
  open: "hold a breaker open: nothing more is sent",
  closed: "hold it closed, whatever fails",
  auto: "let it decide by itself again",
} as const;

export function addBreakerCommands(program: Command): void {
  const breakers = program
    .command("breakers")
    .description("the breakers of venues: which are open, since when and why")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: Common) =>
        (await import("./breaker-commands.ts")).breakersCommand(options),
      ),
    );
  for (const [word, description] of Object.entries(WISHES)) {
    // "close" is what one does; "closed" is how it stays.
    breakers
      .command(`${word === "closed" ? "close" : word} <name>`)
      .description(description)
      .addOption(state)
      .addOption(json)
      .requiredOption("--reason <text>", "why; audited")
      .option("--actor <name>", "who decides (default: the user of this machine)")
      .action(
        guarded(async (name: string, _options: unknown, command: Command) =>
          (await import("./breaker-commands.ts")).forceCommand(
            word as keyof typeof WISHES,
            name,
            command.optsWithGlobals<ForceOptions>(),
          ),
        ),
      );
  }
}
