// `verify`: runs a workflow of the project on the paper venue, again and again with one mishap each, and says
// by its exit code what came of it: 0 proven, 1 violated, 2 nothing proven.

import type { Duration } from "@holdfast/core";
import { clean } from "../terminal/text.ts";
import { VERIFY_DEFAULTS } from "../verify/defaults.ts";
import type { VerifyReport } from "../verify/report.ts";
import { type Progress, verify } from "../verify/verify.ts";
import { HEAD, cleanLine, rowCells, verdictLines, violationLines } from "../verify/words.ts";
import { say, sayJson, table } from "./print.ts";
import { type TrialOptions, leaveWith, tried } from "./trial.ts";

export interface VerifyCommandOptions extends TrialOptions {
  readonly seed: string;
  readonly for: string;
  readonly away: string;
  readonly max: number;
  readonly maxSeconds: number;
  readonly strictOutput?: boolean;
  readonly json?: boolean;
}

const EXIT = { proven: 0, violated: 1, "no-effects": 2, untried: 2 } as const;
/** In a pipe, progress is told each time so many variants are done. */
const TOLD_EVERY = 50;

export function verifyCommand(name: string, options: VerifyCommandOptions): Promise<void> {
  return leaveWith(async () => {
    const report = await verified(name, options);
    if (options.json === true) sayJson(report);
    else sayReport(report);
    return EXIT[report.verdict];
  });
}

async function verified(name: string, options: VerifyCommandOptions): Promise<VerifyReport> {
  const { max, maxSeconds, seed, strictOutput } = options;
  const words = { verb: "verify", otherwise: VERIFY_DEFAULTS.id };
  const { workflow, input, ...subject } = await tried(name, options, words);
  return verify(workflow, input, {
    ...subject,
    seed,
    max,
    maxSeconds,
    strictOutput,
    for: options.for as Duration,
    away: options.away as Duration,
    onProgress: teller(process.stderr),
  });
}

/** Tells on a terminal how far it is, in one line that is written over; in a pipe now and then. */
function teller(output: NodeJS.WriteStream): (progress: Progress) => void {
  return ({ tried, of, violations }) => {
    const line = `${tried} of ${of} variants, ${violations} violations`;
    if (output.isTTY) output.write(`\r${line}${tried === of ? "\r\u001b[K" : ""}`);
    else if (tried % TOLD_EVERY === 0) output.write(`${line}\n`);
  };
}

function sayReport(report: VerifyReport): void {
  say(clean(cleanLine(report)));
  if (report.rows.length > 0) say(`\n${table(HEAD, report.rows.map(rowCells))}`);
  for (const line of violationLines(report)) say(clean(line));
  say("");
  for (const line of verdictLines(report)) say(clean(line));
}
