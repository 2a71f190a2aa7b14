// `halt`, `lift`, `guard`, `approvals`, `approve`, `reject`, `audit`: how people meet the guard. Only their options.

import { type Command, InvalidArgumentError, Option } from "commander";
import type { AnswerOptions, ApprovalsOptions } from "./approval-commands.ts";
import type { AuditOptions, VerifyAuditOptions } from "./audit-commands.ts";
import { guarded } from "./guarded.ts";
import type { HaltOptions, ScopeOptions } from "./halt-commands.ts";
import { json, state } from "./run-options.ts";
import type { Common } from "./running.ts";

export function addGuardCommands(program: Command): void {
  addModes(program);
  program
    .command("guard")
    .description("what the guard lets through: modes, budgets, equity, approvals that wait")
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: Common) =>
        (await import("./guard-command.ts")).guardCommand(options),
      ),
    );
  addApprovals(program);
  addAudit(program);
}

function addModes(program: Command): void {
  scoped(
    program
      .command("halt")
      .description("the kill switch: nothing that was not sent by then leaves any more"),
  )
    .option("--close-all", "also cancel what rests and close what is open, in a run of its own")
    .addHelpText(
      "after",
      `
Holds for the whole project, or for one agent, venue or symbol; until somebody lifts it, over restarts and
deploys. What is on its way goes on, and its outcome is learnt. Where no process runs, the journal is written
directly: the next start finds it halted.

Example:
  holdfast halt --agent alpha --close-all --reason "buys at any price"`,
    )
    .action(
      guarded(async (options: HaltOptions) =>
        (await import("./halt-commands.ts")).haltCommand(options),
      ),
    );
  scoped(
    program.command("lift").description("lift what waits for a person: a halt, or what losses did"),
  ).action(
    guarded(async (options: ScopeOptions) =>
      (await import("./halt-commands.ts")).liftCommand(options),
    ),
  );
}

function addApprovals(program: Command): void {
  program
    .command("approvals")
    .description("what waits for a person's word, newest first")
    .addOption(
      new Option("--show <which>", "those that wait, or all of one kind, or all")
        .choices(["asked", "approved", "rejected", "expired", "withdrawn", "all"])
        .default("asked"),
    )
    .addOption(new Option("--limit <count>", "at most so many, from 1 to 1000").argParser(whole))
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: ApprovalsOptions) =>
        (await import("./approval-commands.ts")).approvalsCommand(options),
      ),
    );
  for (const word of ["approve", "reject"] as const) {
    const command = program
      .command(`${word} <id>`)
      .description(
        word === "approve"
          ? "let exactly this command through; any change of it asks anew"
          : "refuse it: it is not sent, and its run is told so",
      );
    if (word === "approve") command.option("--reason <text>", "why; audited", "approved");
    else command.requiredOption("--reason <text>", "why; audited");
    command
      .option("--actor <name>", "who decides (default: the user of this machine)")
      .addOption(state)
      .addOption(json)
      .action(
        guarded(async (id: string, options: AnswerOptions) =>
          (await import("./approval-commands.ts")).answerCommand(word, id, options),
        ),
      );
  }
}

function addAudit(program: Command): void {
  const audit = program
    .command("audit")
    .description("what was decided, by whom and why; the newest, oldest first")
    .addOption(
      new Option(
        "--after <position>",
        "those behind this position, instead of the newest",
      ).argParser(whole),
    )
    .addOption(
      new Option("--limit <count>", "at most so many, from 1 to 1000").argParser(whole).default(20),
    )
    .addOption(state)
    .addOption(json)
    .action(
      guarded(async (options: AuditOptions) =>
        (await import("./audit-commands.ts")).auditCommand(options),
      ),
    );
  audit
    .command("verify")
    .description("walk along the whole log: was a row changed, removed or moved?")
    .option("--head <position:hash>", "an end of the log that was noted before, elsewhere")
    .addOption(state)
    .addOption(json)
    .addHelpText(
      "after",
      `
Exits with 1 where the log is not whole, and says where. Whoever can write the file can also make all of it
anew: only an end that was noted elsewhere (the last line of this command) shows that.`,
    )
    .action(
      guarded(async (_own: VerifyAuditOptions, command: Command) =>
        // The options of "audit" itself come before those of its parts.
        (await import("./audit-commands.ts")).verifyAuditCommand(
          command.optsWithGlobals<VerifyAuditOptions>(),
        ),
      ),
    );
}

function scoped(command: Command): Command {
  const scope = (name: string, what: string, others: readonly string[]): Option =>
    new Option(`--${name} <name>`, what).conflicts([...others]);
  return command
    .addOption(scope("agent", "only this account", ["venue", "symbol"]))
    .addOption(scope("venue", "only this venue, such as purpleflea", ["agent", "symbol"]))
    .addOption(scope("symbol", "only this symbol, such as BTC-PERP", ["agent", "venue"]))
    .requiredOption("--reason <text>", "why; audited")
    .option("--actor <name>", "who decides (default: the user of this machine)")
    .addOption(state)
    .addOption(json);
}

function whole(text: string): number {
  if (/^\d{1,15}$/u.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number.");
}
