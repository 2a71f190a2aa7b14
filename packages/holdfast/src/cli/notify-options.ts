// The commands for the notifier. Only their options; what they do is loaded when it is called.

import { type Command, Option } from "commander";
import type { NotifyTestOptions } from "./notify-command.ts";
import { guarded } from "./guarded.ts";
import { state } from "./run-options.ts";

export function addNotifyCommands(program: Command): void {
  const notify = program
    .command("notify")
    .description("the channels by which the project tells people what needs them");
  notify
    .command("test")
    .description("tell something by the channels of the running process, and see who took it")
    .option("--channel <name>", "only this one (default: all that take the level)")
    .addOption(
      new Option("--level <level>", "how urgent it is; only critical is told in quiet hours")
        .choices(["info", "warning", "critical"])
        .default("critical"),
    )
    .option("--wait <duration>", "how long to wait for all of them", "30s")
    .addOption(state)
    .option("--json", "print JSON")
    .action(
      guarded(async (options: NotifyTestOptions) =>
        (await import("./notify-command.ts")).notifyTestCommand(options),
      ),
    );
}
