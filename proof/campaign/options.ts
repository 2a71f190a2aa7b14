// The command line of the campaign: what is accepted, what is refused and why, and the help.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export interface Options {
  readonly effects: number;
  /** Engines dropped and reopened in process. */
  readonly crashes: number;
  /** Real processes ended by kill -9. */
  readonly kills: number;
  readonly seed: number;
  readonly jobs: number;
  /** This shard alone, of those that effects and crashes are cut into. */
  readonly shard: number | undefined;
  /** Whether the patterns and the planted bugs are shown, too. */
  readonly patterns: boolean;
  readonly quick: boolean;
  readonly report: string | undefined;
  readonly json: boolean;
}

/** A command line that cannot be followed. */
export class UsageError extends Error {}

export const WHOLE = { effects: 1_000_000, crashes: 10_000, kills: 500 } as const;
export const QUICK = { effects: 400, crashes: 12, kills: 2 } as const;
const SEED = 4711;
/** More processes than this help nobody. */
const JOBS_MAX = 64;
const COUNT_MAX = 100_000_000;

export const help = `Usage: npm run campaign -- [options]

Does a million effects at the paper venue while it fails in every way it can, and while
the engine is dropped and reopened, and real processes are ended by kill -9. Then counts
at the venue's own ledger what happened twice and what never happened.

Options:
  --effects N     Effects in all (default ${WHOLE.effects}).
  --crashes N     Engines dropped and reopened in process (default ${WHOLE.crashes}).
  --kills N       Processes ended by kill -9 (default ${WHOLE.kills}).
  --seed N        The same seed gives the same decisions, faults and crashes (default ${SEED}).
  --jobs N        Processes at work (default: one for each processor).
  --shard N       One of the worlds alone, with the sizes and the seed of its campaign.
  --no-patterns   Leaves out the guides' patterns and the planted bugs.
  --quick         Small sizes: ${QUICK.effects} effects, ${QUICK.crashes} crashes, ${QUICK.kills} kills.
  --report FILE   Writes the figures between the markers of a page, and leaves its text.
  --json          Prints the figures as JSON.
  --help          Shows this.

It ends with 0 where nothing was doubled, lost or left open; 1 where something was; 2 for
options that it cannot follow; 130 where it was interrupted: what it prints then is partial.
`;

const flags = {
  effects: { type: "string" },
  crashes: { type: "string" },
  kills: { type: "string" },
  seed: { type: "string" },
  jobs: { type: "string" },
  shard: { type: "string" },
  "no-patterns": { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  report: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/**
 * The options of a command line; "help" when help is asked for.
 *
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const { quick, json, report } = values;
  const size = quick ? QUICK : WHOLE;
  const options: Options = {
    effects: count("effects", values.effects, size.effects),
    crashes: count("crashes", values.crashes, size.crashes),
    kills: count("kills", values.kills, size.kills),
    seed: count("seed", values.seed, SEED),
    jobs: count("jobs", values.jobs, availableParallelism()),
    shard: values.shard === undefined ? undefined : count("shard", values.shard, 0),
    patterns: !values["no-patterns"] && values.shard === undefined,
    quick,
    report,
    json,
  };
  check(options);
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d+$/u.test(text) ? Number(text) : Number.NaN;
  if (value <= COUNT_MAX) return value;
  throw new UsageError(
    `Cannot take --${name} ${text}: expected a whole number from 0 to ${COUNT_MAX}.`,
  );
}

function check({ effects, crashes, jobs, report, shard }: Options): void {
  if (jobs < 1 || jobs > JOBS_MAX) {
    throw new UsageError(`Cannot take --jobs ${jobs}: expected 1 to ${JOBS_MAX}.`);
  }
  if (effects === 0 && crashes > 0) {
    throw new UsageError("Cannot crash without effects: say --crashes 0, or more --effects.");
  }
  if (crashes * 5 > effects) {
    throw new UsageError(
      `Cannot crash ${crashes} times in ${effects} effects: at most one crash for five effects.`,
    );
  }
  if (report !== undefined && shard !== undefined) {
    throw new UsageError("Cannot report one shard as a campaign: leave --report or --shard out.");
  }
}
