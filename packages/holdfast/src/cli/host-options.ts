// The commands that host something in this process: dev, serve, sandbox. Only their options; what they do is
// loaded when it is called.

import { type Command, InvalidArgumentError, Option } from "commander";
import type { HostCommandOptions } from "./host-command.ts";
import type { SandboxCommandOptions } from "./sandbox-command.ts";
import { guarded } from "./guarded.ts";
import { addSandboxControls, number } from "./sandbox-options.ts";

export const config: Option = new Option(
  "--config <file>",
  "configuration file (default: holdfast.config.ts in this folder)",
);
export const state: Option = new Option(
  "--state <folder>",
  "state folder (default: the configuration's, or .holdfast beside it)",
);
const duration = new Option("--for <duration>", 'end by itself after a time such as "30s"');
const venuePort = new Option("--port <port>", "port of the paper venue's API").argParser(port);
const auditPort = new Option(
  "--audit-port <port>",
  "port of the paper venue's audit, clock and faults",
).argParser(port);
const acceptLive = new Option(
  "--accept-live",
  "start with real money: accepts what is shown before the first start on a live venue",
);
const acceptLostState = new Option(
  "--accept-lost-state",
  "begin a new journal for accounts that the venue knows: accepts what is shown where the old one is gone",
);
const controlPort = new Option("--control-port <port>", "port of the control API").argParser(port);

export function addHostCommands(program: Command): void {
  program
    .command("dev")
    .description(
      "run everything in one process: paper venue, engine, the project's fleet, a live view",
    )
    .addOption(config)
    .addOption(state)
    .addOption(duration)
    .option("--json", "print events as JSON, one a line, instead of the live view")
    .addOption(venuePort)
    .addOption(auditPort)
    .addOption(controlPort)
    .addOption(acceptLive)
    .addOption(acceptLostState)
    .addHelpText(
      "after",
      `
Without a configuration file a demo runs: an agent that buys BTC-PERP for 25 USDC every 5 seconds, and a
monitor that closes everything when 15 % of the peak is lost. Ctrl-C stops it; the same command goes on.`,
    )
    .action(
      guarded(async (options: HostCommandOptions) =>
        (await import("./host-command.ts")).hostCommand("dev", options),
      ),
    );
  program
    .command("serve")
    .description("run the engine with the project, without a view")
    .addOption(config)
    .addOption(state)
    .addOption(duration)
    .option("--json", "print events as JSON, one a line")
    .addOption(venuePort)
    .addOption(auditPort)
    .addOption(controlPort)
    .addOption(acceptLive)
    .addOption(acceptLostState)
    .action(
      guarded(async (options: HostCommandOptions) =>
        (await import("./host-command.ts")).hostCommand("serve", options),
      ),
    );
  addSandbox(program);
}

function addSandbox(program: Command): void {
  const sandbox = program
    .command("sandbox")
    .description("run the paper venue alone, for agents written elsewhere")
    .option("--state <folder>", "state folder", ".holdfast")
    .addOption(venuePort)
    .addOption(auditPort)
    .option("--grant <usdc>", "what a registration gives, such as 10000.00")
    .option("--seed <text>", "seed of its market")
    .option("--strict", "refuse writes without a key, and fields that it does not know")
    .option("--no-rate-limits", "answer as often as it is asked")
    .option(
      "--cors <origin>",
      'origin whose pages may call, such as "http://localhost:5173"; may be repeated',
      origin,
      [],
    )
    .option(
      "--accept-live-keys",
      "take pf_live_ keys as names of paper agents; only hashes are kept",
    )
    .option("--pairs <names>", "only these of its pairs, such as BTC,ETH")
    .option(
      "--replay <[pair=]file...>",
      "recorded candles or ticks (.csv, .jsonl) in place of the generator; the pair is BTC-PERP unless named",
    )
    .option(
      "--replay-start <instant>",
      'when recordings begin: an instant, or "now" (default: theirs)',
    )
    .addOption(
      new Option("--clock <mode>", "its clock (default: as it was, or real)").choices([
        "real",
        "frozen",
        "scaled",
      ]),
    )
    .addOption(new Option("--rate <times>", "pace of a scaled clock").argParser(number))
    .option("--faults <suite...>", "arm suites from the start (see: sandbox faults suites)")
    .addOption(duration)
    .addHelpText(
      "after",
      `
Ports are 4100 and 4101 unless others are named, and the same again with the same state.

In another terminal:
  holdfast sandbox faults suites
  holdfast sandbox faults suite throttled seconds=10
  holdfast sandbox clock freeze
  holdfast sandbox clock advance 1w`,
    )
    .action(
      guarded(async (options: SandboxCommandOptions) =>
        (await import("./sandbox-command.ts")).sandboxCommand(options),
      ),
    );
  addSandboxControls(sandbox);
}

function origin(text: string, before: readonly string[]): readonly string[] {
  if (URL.canParse(text) && new URL(text).origin === text) return [...before, text];
  throw new InvalidArgumentError('Expected an origin such as "http://localhost:5173".');
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/u.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("Expected a port from 0 to 65535; 0 takes a free one.");
}
