// `npm run simulate`: whole systems played out of seeds, every invariant after each. docs/simulation.md says what
// is played and what is checked.

import { playMany } from "./simulation/jobs.ts";
import { type Options, UsageError, help, readOptions } from "./simulation/options.ts";
import { type Played, play } from "./simulation/play.ts";
import {
  Progress,
  type Summary,
  Tally,
  describeFailure,
  describeSummary,
} from "./simulation/report.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

type Of<Kind extends Options["kind"]> = Extract<Options, { kind: Kind }>;

async function playOne({ seed, trace }: Of<"one">): Promise<Summary> {
  const tally = new Tally();
  const played = await play(seed, {
    memory: true,
    ...(trace
      ? {
          trace: (line: string) => {
            console.log(line);
          },
        }
      : {}),
  });
  tally.add(played);
  return tally.summary;
}

async function playAll({ from, seeds, minutes, jobs }: Of<"many">): Promise<Summary> {
  const tally = new Tally();
  const progress = new Progress(process.stderr);
  const end = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
  await playMany({
    from,
    seeds,
    jobs,
    goesOn: () => performance.now() < end,
    onPlayed: (played: Played) => {
      tally.add(played);
      if (played.findings.length > 0) {
        progress.clear();
        console.error(describeFailure(played));
      }
      progress.tell(() => tally.summary);
    },
  });
  progress.clear();
  return tally.summary;
}

async function simulate(options: Of<"one" | "many">): Promise<void> {
  const summary = await (options.kind === "one" ? playOne(options) : playAll(options));
  if (options.kind === "one" && !options.json)
    for (const played of summary.failed) console.error(describeFailure(played));
  console.log(options.json ? JSON.stringify(summary, undefined, 2) : describeSummary(summary));
  if (summary.failed.length > 0) process.exitCode = EXIT_FAILED;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.kind === "help") console.log(help);
  else await simulate(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = EXIT_USAGE;
}
