// `chaos`: lets a workflow of the project run on a paper venue that fails, and says by its exit code what came of
// it: 0 held, 1 something doubled, lost or wrong, 2 nothing shown.

import type { Duration } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { type Progress, chaos } from "../chaos/chaos.ts";
import { CHAOS_DEFAULTS } from "../chaos/defaults.ts";
import type { ChaosReport } from "../chaos/report.ts";
import { figures, headLine, progressLine, verdictLine, violationLines } from "../chaos/words.ts";
import { clean } from "../terminal/text.ts";
import { say, sayJson, table } from "./print.ts";
import { onStop } from "./stop.ts";
import { type TrialOptions, leaveWith, tried } from "./trial.ts";

export interface ChaosCommandOptions extends TrialOptions {
  readonly seed: string;
  readonly seconds: string;
  readonly failureRate: string;
  readonly latency: string;
  readonly suite: string;
  readonly kill?: boolean;
  readonly json?: boolean;
}

const EXIT = { held: 0, violated: 1, "no-effects": 2, untried: 2 } as const;
/** In a pipe, progress is told every so many seconds. */
const TOLD_EVERY = 5;

export function chaosCommand(name: string, options: ChaosCommandOptions): Promise<void> {
  return leaveWith(async () => {
    const report = await under(name, options);
    // The line that was written over ends here.
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    if (options.json === true) sayJson(report);
    else sayReport(report);
    return EXIT[report.verdict];
  });
}

async function under(name: string, options: ChaosCommandOptions): Promise<ChaosReport> {
  const { seed, suite, kill, seconds, failureRate, latency } = options;
  const words = { verb: "let chaos loose on", otherwise: CHAOS_DEFAULTS.id };
  const { workflow, input, ...subject } = await tried(name, options, words);
  // Ctrl-C ends the time early, and what was seen until then is told.
  using stop = onStop({
    clock: systemClock,
    duration: undefined,
    force: () => process.exit(130),
  });
  return await chaos(workflow, input, {
    ...subject,
    seed,
    suite,
    kill,
    seconds: Number(seconds),
    failureRate: Number(failureRate),
    latency: latency as Duration,
    signal: stop.signal,
    onProgress: teller(process.stderr),
  });
}

/** Tells on a terminal how far it is, in one line that is written over; in a pipe now and then. */
function teller(output: NodeJS.WriteStream): (progress: Progress) => void {
  let told = 0;
  let isCalm = false;
  return (progress) => {
    const line = progressLine(progress);
    const turns = progress.open !== undefined && !isCalm;
    isCalm = progress.open !== undefined;
    if (output.isTTY) output.write(`\r${line}\u001b[K`);
    else if (turns || (!isCalm && isDue(progress, told))) {
      told = progress.seconds;
      output.write(`${line}\n`);
    }
  };
}

function isDue({ seconds, of }: Progress, told: number): boolean {
  return seconds >= of || seconds >= told + TOLD_EVERY;
}

function sayReport(report: ChaosReport): void {
  say(`${clean(headLine(report))}\n`);
  say(table(["what", "figure"], figures(report)));
  for (const line of violationLines(report)) say(clean(line));
  say(`\n${clean(verdictLine(report))}`);
}
