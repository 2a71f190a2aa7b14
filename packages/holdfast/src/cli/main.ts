// The command line. Each command loads what it needs when it is called, so that `--help` costs nothing.

import { enableCompileCache } from "node:module";
import { Command, Option } from "commander";
import { sayError } from "./print.ts";

enableCompileCache();

const program = new Command("holdfast")
  .description("Durable financial agents: journaled, retried, bounded, proven.")
  .version("0.1.0")
  .showHelpAfterError()
  .addHelpText(
    "after",
    `
Examples:
  holdfast dev                                   run holdfast.config.ts, or the demo, with the paper venue
  holdfast start agents.dca '{"symbol":"BTC-PERP","amountUsd":"25.00","every":"1w","periods":52}' --id dca-btc
  holdfast runs --status open --json
  holdfast signal dca-btc pause '{"reason":"holiday"}'
  holdfast run dca-btc --history`,
  );

const state = new Option("--state <folder>", "state folder of the running process").default(
  ".holdfast",
);
const json = new Option("--json", "print JSON");
const config = new Option(
  "--config <file>",
  "configuration file (default: holdfast.config.ts in this folder)",
);
const duration = new Option("--for <duration>", 'end by itself after a duration such as "30s"');

/** Runs a command's action and turns what it throws into a message. */
function guarded<Arguments extends unknown[]>(
  action: (...given: Arguments) => Promise<void>,
): (...given: Arguments) => Promise<void> {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      sayError(error);
    }
  };
}

program
  .command("dev")
  .description(
    "run everything in one process: paper venue, engine, the project's fleet, a live view",
  )
  .addOption(config)
  .addOption(duration)
  .action(
    guarded(async (options: { config?: string; for?: string }) =>
      (await import("./host-command.ts")).hostCommand({ ...options, view: true }),
    ),
  );

program
  .command("serve")
  .description("run the engine with the project, without a view")
  .addOption(config)
  .addOption(duration)
  .action(
    guarded(async (options: { config?: string; for?: string }) =>
      (await import("./host-command.ts")).hostCommand({ ...options, view: false }),
    ),
  );

program
  .command("sandbox")
  .description("run the paper venue alone")
  .addOption(state)
  .option("--port <port>", "port of its API; 0 takes a free one", "4100")
  .option("--control-port <port>", "port of its controls; 0 takes a free one", "4101")
  .option("--grant <usdc>", "what a registration gives, in USDC")
  .option("--seed <text>", "seed of its market")
  .addOption(duration)
  .action(
    guarded(async (options: Parameters<typeof import("./sandbox-command.ts").sandboxCommand>[0]) =>
      (await import("./sandbox-command.ts")).sandboxCommand(options),
    ),
  );

program
  .command("start <workflow> [input]")
  .description("start a run, or attach to the open one with this id")
  .addOption(state)
  .addOption(json)
  .option("--id <id>", "workflow id, unique among open runs")
  .option("--account <account>", "agent that the run acts for", "default")
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
      "where a run is replaced or repeated: finish what is missing, or act anew",
    ).choices(["continue", "again"]),
  )
  .action(
    guarded(
      async (
        workflow: string,
        input: string | undefined,
        options: Parameters<typeof import("./run-commands.ts").startCommand>[2],
      ) => (await import("./run-commands.ts")).startCommand(workflow, input, options),
    ),
  );

program
  .command("runs")
  .description("list runs, newest first")
  .addOption(state)
  .addOption(json)
  .option("--workflow <name>", "only of this workflow")
  .option(
    "--status <status>",
    "open, closed, running, closing, in-doubt, stuck, completed, failed, cancelled, terminated, continued",
  )
  .option("--account <account>", "only of this agent")
  .option("--id <prefix>", "only ids that begin so")
  .option("--limit <count>", "at most so many (1 to 1000)")
  .action(
    guarded(async (options: Parameters<typeof import("./run-commands.ts").runsCommand>[0]) =>
      (await import("./run-commands.ts")).runsCommand(options),
    ),
  );

program
  .command("run <id>")
  .description("show a run: its status, its history, its result")
  .addOption(state)
  .addOption(json)
  .option("--history", "its journal, entry by entry")
  .option("--result", "its result; waits for it")
  .option("--wait <ms>", "how long to wait for the result, in milliseconds")
  .action(
    guarded(
      async (id: string, options: Parameters<typeof import("./run-commands.ts").runCommand>[1]) =>
        (await import("./run-commands.ts")).runCommand(id, options),
    ),
  );

program
  .command("signal <id> <signal> [payload]")
  .description("send a message to a run")
  .addOption(state)
  .action(
    guarded(
      async (id: string, signal: string, payload: string | undefined, options: { state: string }) =>
        (await import("./run-commands.ts")).signalCommand(id, signal, payload, options),
    ),
  );

program
  .command("query <id> <query>")
  .description("read from a run")
  .addOption(state)
  .action(
    guarded(async (id: string, query: string, options: { state: string }) =>
      (await import("./run-commands.ts")).queryCommand(id, query, options),
    ),
  );

program
  .command("cancel <id>")
  .description("ask a run to stop; it may clean up")
  .addOption(state)
  .option("--reason <text>", "why")
  .action(
    guarded(async (id: string, options: { state: string; reason?: string }) =>
      (await import("./run-commands.ts")).cancelCommand(id, options),
    ),
  );

program
  .command("resolve <id> <key> <resolution>")
  .description("settle an effect in doubt: done (with --output), not-done, or resend")
  .addOption(state)
  .requiredOption("--reason <text>", "why; audited")
  .option("--output <json>", "the receipt, where it is done")
  .option("--actor <name>", "who decides (default: the user of this machine)")
  .action(
    guarded(
      async (
        id: string,
        key: string,
        resolution: string,
        options: { state: string; reason: string; output?: string; actor?: string },
      ) => (await import("./run-commands.ts")).resolveCommand(id, key, resolution, options),
    ),
  );

await program.parseAsync();
