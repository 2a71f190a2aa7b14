// `sandbox faults` and `sandbox clock`: what goes wrong at a paper venue that runs, and its time. Only their options;
// what they do is loaded when it is called.

import { type Command, InvalidArgumentError } from "commander";
import { guarded } from "./guarded.ts";
import { json, state } from "./run-options.ts";
import type { AdvanceOptions, ModeOptions } from "./sandbox-controls.ts";
import type { Common } from "./running.ts";

export function addSandboxControls(sandbox: Command): void {
  // Else the venue's own --state would take what is meant for these.
  sandbox.enablePositionalOptions();
  addFaults(sandbox.command("faults").description("what goes wrong at a running paper venue"));
  addClock(sandbox.command("clock").description("the time of a running paper venue"));
}

function addFaults(faults: Command): void {
  faults
    .command("list")
    .description("list what is armed, with what it was about and what it hit")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: Common) =>
        (await import("./sandbox-controls.ts")).faultsListCommand(options),
      ),
    );
  faults
    .command("suites")
    .description("list the suites, with their parameters and what they prove")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: Common) =>
        (await import("./sandbox-controls.ts")).faultsSuitesCommand(options),
      ),
    );
  armed(faults.command("add <kind> [fields...]"), "arm one fault", "kind").addHelpText(
    "after",
    `
Examples:
  holdfast sandbox faults add drop operations=open,close tries=1
  holdfast sandbox faults add throttle seconds=30 retryAfterSeconds=2
  holdfast sandbox faults add status status=502 when=after probability=0.3 agent=dca`,
  );
  armed(faults.command("suite <name> [fields...]"), "arm all faults of a suite", "suite");
  faults
    .command("clear [id]")
    .description("take one fault back, or all")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (id: string | undefined, options: Common) =>
        (await import("./sandbox-controls.ts")).faultsClearCommand(id, options),
      ),
    );
}

function armed(command: Command, description: string, what: "kind" | "suite"): Command {
  return command
    .description(`${description}; fields are name=value`)
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (name: string, fields: readonly string[], options: Common) =>
        (await import("./sandbox-controls.ts")).faultsArmCommand({ [what]: name }, fields, options),
      ),
    );
}

function addClock(clock: Command): void {
  clock
    .command("show")
    .description("show its mode and its instant")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: Common) =>
        (await import("./sandbox-controls.ts")).clockShowCommand(options),
      ),
    );
  mode(clock.command("freeze"), "let it stand still, to be moved by hand", "frozen");
  mode(clock.command("real"), "let it follow the machine's time", "real");
  clock
    .command("scale <rate>")
    .description("let it run so many times as fast, from 0.001 to 1000000")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (rate: string, options: Common) =>
        (await import("./sandbox-controls.ts")).clockModeCommand(
          { mode: "scaled", rate: number(rate) },
          options,
        ),
      ),
    );
  clock
    .command("advance [duration]")
    .description('move a frozen clock by a time such as "1w", or to an instant; says what fell due')
    .addOption(state)
    .addOption(json)
    .option("--to <instant>", 'an instant such as "2026-02-01T00:00:00Z"')
    .action(
      guarded(async (duration: string | undefined, options: AdvanceOptions) =>
        (await import("./sandbox-controls.ts")).clockAdvanceCommand(duration, options),
      ),
    );
}

function mode(command: Command, description: string, to: ModeOptions["mode"]): void {
  command
    .description(description)
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: Common) =>
        (await import("./sandbox-controls.ts")).clockModeCommand({ mode: to }, options),
      ),
    );
}

/** A number of a command line. @throws InvalidArgumentError */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}
