// The commands for a project as it stands: init, check, doctor, backup. Only their options; what they do is loaded when it is called.

import type { Command } from "commander";
import type { BackupCommandOptions } from "./backup-command.ts";
import type { CheckCommandOptions } from "./check-command.ts";
import type { DoctorCommandOptions } from "./doctor-command.ts";
import type { InitCommandOptions } from "./init-command.ts";
import { config, state } from "./host-options.ts";
import { guarded } from "./guarded.ts";

export function addProjectCommands(program: Command): void {
  program
    .command("init [folder]")
    .description("make a new project: a configuration, one agent and its test")
    .option("--name <name>", "name of the package (default: the folder's)")
    .option("--force", "write into a folder that holds something; no file that exists is changed")
    .action(
      guarded(async (folder: string | undefined, options: InitCommandOptions) => {
        (await import("./init-command.ts")).initCommand(folder ?? ".", options);
      }),
    );
  program
    .command("check")
    .description(
      "before a deploy: replay open runs against the code, and look for what is not deterministic",
    )
    .addOption(config)
    .addOption(state)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Only reads, also while the project runs. Exits with 1 where the code does not fit a run, or where a workflow
uses what a replay does not see again: the clock, randomness, timers, the network, the environment, modules of
Node, variables that all runs share. Activities may use all of that. A comment "holdfast-allow: why" on the
line, or on the one before, allows it.`,
    )
    .action(
      guarded(async (options: CheckCommandOptions) =>
        (await import("./check-command.ts")).checkCommand(options),
      ),
    );
  program
    .command("doctor")
    .description("look at everything that the project needs to run, and say what to do")
    .addOption(config)
    .addOption(state)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Only reads, also while the project runs: the version of Node, the configuration, the state folder and its
rights, the disk, the process, and every run of the journal. Exits with 1 where it finds a problem.`,
    )
    .action(
      guarded(async (options: DoctorCommandOptions) =>
        (await import("./doctor-command.ts")).doctorCommand(options),
      ),
    );
  program
    .command("backup <file>")
    .description("copy the journal into a new file, also while the project runs")
    .addOption(config)
    .addOption(state)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
The copy is whole, of one moment, and on disk when the command ends. To restore it, stop the project, remove
journal.sqlite, journal.sqlite-wal and journal.sqlite-shm from the state folder, and put the copy in the place
of journal.sqlite: the next start sees that it is an older one, and asks the venue before it sends money. The
folder "secrets" has to be copied apart.`,
    )
    .action(
      guarded(async (file: string, options: BackupCommandOptions) =>
        (await import("./backup-command.ts")).backupCommand(file, options),
      ),
    );
}
