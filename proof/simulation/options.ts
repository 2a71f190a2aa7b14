// The command line of the simulation: what is accepted, what is refused and why, and the help.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

const SEEDS = 100;
const JOBS_MAX = 256;

export type Options =
  | { readonly kind: "help" }
  /** One seed, in this process. */
  | { readonly kind: "one"; readonly seed: number; readonly trace: boolean; readonly json: boolean }
  | {
      readonly kind: "many";
      readonly from: number;
      readonly seeds: number;
      /** Goes on for so many minutes, however many seeds that are. */
      readonly minutes: number | undefined;
      readonly jobs: number;
      readonly json: boolean;
    };

/** A command line that cannot be followed. */
export class UsageError extends Error {}

export const help = `Usage: npm run simulate -- [options]

Plays whole systems out of seeds: engine, agents, paper venue, faults, crashes, clocks, full
disks, backups. After each play every invariant is checked. A seed that fails prints how to
repeat it, and the exit code is 1.

Options:
  --seeds N    Seeds to play (default ${SEEDS}).
  --from S     The first of them (default 1).
  --minutes M  Plays for so many minutes instead.
  --seed S     Plays this one only.
  --trace      With --seed: tells everything that happens, in order.
  --jobs N     Processes (default: the number of processors, here ${availableParallelism()}).
  --json       Prints the summary as JSON.
  --help       Shows this.
`;

const flags = {
  seeds: { type: "string" },
  from: { type: "string" },
  minutes: { type: "string" },
  seed: { type: "string" },
  trace: { type: "boolean", default: false },
  jobs: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  if (values.help) return { kind: "help" };
  const { json, trace } = values;
  if (values.seed !== undefined) {
    for (const other of ["seeds", "from", "minutes", "jobs"] as const)
      if (values[other] !== undefined)
        throw new UsageError(`--seed plays one seed: leave out --${other}.`);
    return { kind: "one", seed: whole("seed", values.seed, 0), trace, json };
  }
  if (trace) throw new UsageError("--trace tells of one play: name it with --seed.");
  if (values.minutes !== undefined && values.seeds !== undefined)
    throw new UsageError("--seeds and --minutes both say when it ends: give one.");
  return {
    kind: "many",
    from: whole("from", values.from ?? "1", 0),
    seeds:
      values.minutes === undefined ? whole("seeds", values.seeds ?? String(SEEDS), 1) : Infinity,
    minutes: values.minutes === undefined ? undefined : positive("minutes", values.minutes),
    jobs: jobsOf(values.jobs),
    json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function jobsOf(text: string | undefined): number {
  const jobs = text === undefined ? availableParallelism() : whole("jobs", text, 1);
  if (jobs > JOBS_MAX) throw new UsageError(`--jobs takes at most ${JOBS_MAX}, not ${jobs}.`);
  return jobs;
}

function whole(name: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`--${name} takes a whole number from ${least}, not "${text}".`);
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`--${name} takes a number above 0, not "${text}".`);
}
