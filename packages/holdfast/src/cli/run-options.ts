// The commands that talk to a running process: start, runs, run, and messages to a run. Only their options;
// what they do is loaded when it is called.

import { type Command, Option } from "commander";
import type { ResolveOptions } from "./message-commands.ts";
import type { RunOptions, RunsOptions } from "./run-commands.ts";
import type { Common } from "./running.ts";
import type { StartCommandOptions } from "./start-command.ts";
import { guarded } from "./guarded.ts";

export const state: Option = new Option(
  "--state <folder>",
  "state folder of the running process",
).default(".holdfast");
export const json: Option = new Option("--json", "print JSON");

export function addRunCommands(program: Command): void {
  addStart(program);
  addLooks(program);
  addMessages(program);
  addEnds(program);
}

function addStart(program: Command): void {
  program
    .command("start <workflow> [input]")
    .description("start a run, or attach to the open one with this id")
    .addOption(state)
    .addOption(json)
    .option("--id <id>", "workflow id, unique among open runs (default: the name and a random id)")
    .option("--account <account>", "agent that the run acts for")
    .addOption(
      new Option("--on-open <policy>", "when a run with this id is open").choices([
        "attach",
        "fail",
        "replace",
      ]),
    )
    .addOption(
      new Option("--on-closed <policy>", "when the last run with this id is closed").choices([
        "fail",
        "attach",
        "restart-failed",
        "restart",
      ]),
    )
    .addOption(
      new Option(
        "--effects <choice>",
        "where a run replaces another: finish what is missing, or act anew",
      ).choices(["continue", "again"]),
    )
    .addHelpText(
      "after",
      `
Input is plain JSON; amounts are decimal text ("25.00"), never numbers.

Example:
  holdfast start agents.dca '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"1w","periods":52}' --id dca-btc`,
    )
    .action(
      guarded(async (name: string, input: string | undefined, options: StartCommandOptions) =>
        (await import("./start-command.ts")).startCommand(name, input, options),
      ),
    );
}

function addLooks(program: Command): void {
  program
    .command("runs")
    .description("list runs, newest first")
    .addOption(state)
    .addOption(json)
    .option("--workflow <name>", "only of this workflow")
    .option(
      "--status <status>",
      "open, closed, running, closing, in-doubt, quarantined, awaiting-approval, stuck, completed, failed, cancelled, terminated, continued",
    )
    .option("--account <account>", "only of this agent")
    .option("--id <prefix>", "only ids that begin so")
    .option("--parent <id>", "only children of this run")
    .option("--tag <name=value...>", "only with these tags; a value is JSON, or text")
    .option("--limit <count>", "at most so many, from 1 to 1000")
    .option("--cursor <cursor>", "go on where an earlier listing ended")
    .action(
      guarded(async (options: RunsOptions) =>
        (await import("./run-commands.ts")).runsCommand(options),
      ),
    );
  program
    .command("run <id>")
    .description("show a run: its status, its history, its result")
    .addOption(state)
    .addOption(json)
    .addOption(
      new Option(
        "--history [format]",
        'its journal, entry by entry; "temporal": as JSON in Temporal\'s event model',
      ).choices(["temporal"]),
    )
    .option("--generation <n>", "with a format: of this generation, from 0 (default: the newest)")
    .option("--result", "only its result")
    .option("--wait [duration]", 'first wait until it has ended, for a time such as "10m"')
    .addHelpText(
      "after",
      `
Values are shown as plain JSON. A number with an "n" behind it is exact; an amount of USDC is in millionths:
"25000000n" is 25.00 USDC.`,
    )
    .action(
      guarded(async (id: string, options: RunOptions) =>
        (await import("./run-commands.ts")).runCommand(id, options),
      ),
    );
}

function addMessages(program: Command): void {
  program
    .command("signal <id> <signal> [payload]")
    .description("send a message to a run")
    .addOption(state)
    .addHelpText("after", `\nExample:\n  holdfast signal dca-btc pause '{"reason":"holiday"}'`)
    .action(
      guarded(async (id: string, signal: string, payload: string | undefined, options: Common) =>
        (await import("./message-commands.ts")).signalCommand(id, signal, payload, options),
      ),
    );
  program
    .command("query <id> <query>")
    .description("read from a run")
    .addOption(state)
    .action(
      guarded(async (id: string, query: string, options: Common) =>
        (await import("./message-commands.ts")).queryCommand(id, query, options),
      ),
    );
  program
    .command("update <id> <update> [input]")
    .description("send a validated write to a run, and print its answer")
    .addOption(state)
    .addHelpText("after", `\nExample:\n  holdfast update pair-1 setStop '"50.00"'`)
    .action(
      guarded(async (id: string, update: string, input: string | undefined, options: Common) =>
        (await import("./message-commands.ts")).updateCommand(id, update, input, options),
      ),
    );
}

function addEnds(program: Command): void {
  program
    .command("terminate <id>")
    .description("end a run at once, without letting it clean up")
    .addOption(state)
    .requiredOption("--reason <text>", "why")
    .action(
      guarded(async (id: string, options: Common & { reason: string }) =>
        (await import("./message-commands.ts")).terminateCommand(id, options),
      ),
    );
  program
    .command("cancel <id>")
    .description("ask a run to stop; it may clean up")
    .addOption(state)
    .option("--reason <text>", "why")
    .action(
      guarded(async (id: string, options: Common & { reason?: string }) =>
        (await import("./message-commands.ts")).cancelCommand(id, options),
      ),
    );
  program
    .command("resolve <id> <key> <resolution>")
    .description("settle an effect in doubt: done (with --output), not-done, or resend")
    .addOption(state)
    .requiredOption("--reason <text>", "why; audited")
    .option("--output <json>", "the receipt, where it is done")
    .option("--actor <name>", "who decides (default: the user of this machine)")
    .addHelpText("after", '\n"holdfast run <id>" shows the keys of calls in doubt.')
    .action(
      guarded(async (id: string, key: string, resolution: string, options: ResolveOptions) =>
        (await import("./message-commands.ts")).resolveCommand(id, key, resolution, options),
      ),
    );
}
