// `check`: the project's code before it is deployed. Replays the journals of open runs against it, and looks
// for what a workflow may not do. Only reads, also while the project runs.

import { relative } from "node:path";
import { hasCode } from "@holdfast/core";
import { type CheckedRun, checkJournal } from "@holdfast/engine";
import { type Project, loadProject } from "../config/load.ts";
import { noteImports } from "../determinism/imports.ts";
import { type Determinism, type Finding, checkDeterminism } from "../determinism/reach.ts";
import { definitionsOf } from "../host/definitions.ts";
import { stateFolder } from "../host/state-folder.ts";
import { clean } from "../terminal/text.ts";
import { leave, say, sayJson } from "./print.ts";

export interface CheckCommandOptions {
  readonly config?: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** Undefined where there is no journal yet. */
type Runs = readonly CheckedRun[] | undefined;

export async function checkCommand(options: CheckCommandOptions): Promise<void> {
  using imports = noteImports();
  const project = await loadProject({
    folder: process.cwd(),
    file: options.config,
    stateFolder: options.state,
  });
  const journal = stateFolder(project.stateFolder).journal;
  const runs = await replayed(project, journal);
  const code = checkDeterminism(project.file ?? "", imports);
  if (options.json === true) sayJson({ journal, ...asJson(runs, code) });
  else {
    sayRuns(runs, journal);
    sayDeterminism(code);
  }
  const fits = (runs ?? []).every(({ problem }) => problem === undefined);
  process.exitCode = fits && code.findings.length === 0 ? 0 : 1;
  await leave();
}

async function replayed({ config }: Project, path: string): Promise<Runs> {
  let done = 0;
  const progress = process.stderr.isTTY ? process.stderr : undefined;
  try {
    return await checkJournal({
      path,
      definitions: definitionsOf(config),
      onRun: (_run, total) => {
        done += 1;
        progress?.write(`\r\u001b[Kreplaying runs: ${done} of ${total}`);
      },
    });
  } catch (error) {
    if (hasCode(error, "HF-STATE-MISSING")) return undefined;
    throw error;
  } finally {
    progress?.write("\r\u001b[K");
  }
}

function asJson(runs: Runs, { workflows, findings, unread }: Determinism): object {
  return {
    runs: (runs ?? []).map(({ problem, ...run }) => ({
      ...run,
      fits: problem === undefined,
      ...(problem === undefined
        ? {}
        : { code: problem.code, message: problem.message, ...problem.details }),
    })),
    workflows,
    findings,
    unread,
  };
}

/** Those that do not fit come last, beside the total. */
function sayRuns(runs: Runs, journal: string): void {
  if (runs === undefined) {
    say(`No journal yet (${journal}): there is no run to replay.`);
    return;
  }
  const fitting = runs.filter(({ problem }) => problem === undefined);
  for (const { id, workflow, entries, wasStuck } of fitting) {
    const note = wasStuck ? "; stuck until this code is deployed" : "";
    say(clean(`fits          ${id} (${workflow}, entries: ${entries}${note})`));
  }
  for (const run of runs) if (run.problem !== undefined) sayMisfit(run, run.problem);
  const misfits = runs.length - fitting.length;
  say(`Open runs: ${runs.length}. The code fits ${fitting.length}, and does not fit ${misfits}.`);
}

function sayMisfit(
  { id, workflow }: CheckedRun,
  { message, details }: NonNullable<CheckedRun["problem"]>,
): void {
  const { sequence, expected, got } = (details ?? {}) as Partial<Record<string, string | number>>;
  const title = `does not fit  ${id} (${workflow})`;
  const lines =
    expected === undefined
      ? [title, `  ${message}`]
      : [
          `${title}, at entry ${sequence}`,
          `  expected from history: ${expected}`,
          `  got from code:         ${got}`,
        ];
  for (const line of lines) say(clean(line));
}

function sayDeterminism({ workflows, findings, unread }: Determinism): void {
  for (const finding of findings) sayFinding(finding);
  say(
    `Workflow definitions in the project's files: ${workflows}. Not deterministic: ${findings.length}.`,
  );
  if (unread.length > 0) say(clean(`Used by workflows and not looked into: ${unread.join(", ")}.`));
}

function sayFinding({ file, line, what, why, instead, chain }: Finding): void {
  say(clean(`${here(file)}:${line}  ${what}`));
  say(`  ${why}; use ${instead}`);
  if (chain.length > 1) say(clean(`  imported by ${chain.map(here).join(" -> ")}`));
}

function here(file: string): string {
  return relative("", file);
}
