// The command line of the benchmarks: what is accepted, what is refused and why, and the help.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { UsageError, readRuns } from "./usage.ts";
import { type Chosen, choose, figureIds, unknownNames } from "./workloads.ts";

const RUNS = 5;
const MINUTES = 10;
/** Long enough to see that a soak works. */
const MINUTES_QUICK = 0.1;

export interface Options {
  readonly chosen: readonly Chosen[];
  /** Measurements of each part, of which the median is reported. */
  readonly runs: number;
  readonly quick: boolean;
  readonly folder: string;
  readonly json: string | undefined;
  readonly profile: string | undefined;
  /** Only shows where the time of this profile went. */
  readonly read: string | undefined;
  /** Minutes of a soak, in place of figures. */
  readonly soak: number | undefined;
}

export const help = `Usage: npm run bench -- [names] [options]

Measures the engine and, interleaved with it in the same call, the floor: the same
work over a bare journal. Names choose figures by their beginning: W1 W3.

W6, size and startup.packed_* pack the packages and install them, as a user would.

The word soak alone runs a mixed load at a steady rate instead, and tells whether memory
stays flat.

The word temporal first measures a project on a Temporal server instead, beside the plain SDK:
npm run bench -- temporal --help.

Figures:
${figureIds.map((id) => `  ${id}`).join("\n")}

Options:
  --runs N        Measurements of each, of which the median is reported (default ${RUNS}).
  --quick         One run of each at small sizes: shows that it works, measures nothing.
  --folder DIR    Where the files lie, on a real file system (default: the system's
                  temporary folder).
  --json FILE     Also writes the figures to a file.
  --profile FILE  Writes a CPU profile of the engine's last run. Needs one workload.
  --read FILE     Only shows where the time of such a profile went, function by function.
  --minutes N     How long the soak lasts (default ${MINUTES}).
  --help          Shows this.
`;

const flags = {
  runs: { type: "string" },
  quick: { type: "boolean", default: false },
  folder: { type: "string" },
  json: { type: "string" },
  profile: { type: "string" },
  read: { type: "string" },
  minutes: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/**
 * The options of a command line; "help" when help is asked for.
 *
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options | "help" {
  const { values, positionals } = parse(args);
  if (values.help) return "help";
  const soaks = positionals.includes("soak");
  if (soaks && positionals.length > 1) throw new UsageError("A soak runs alone.");
  const names = soaks ? [] : positionals;
  const unknown = unknownNames(names);
  if (unknown.length > 0) {
    const those = unknown.map((name) => `"${name}"`).join(", ");
    throw new UsageError(`No figure begins with ${those}. There are:\n  ${figureIds.join("\n  ")}`);
  }
  const chosen = choose(names);
  if (values.profile !== undefined) checkProfile(chosen);
  return {
    chosen,
    runs: readRuns(values.runs, values.quick ? 1 : RUNS),
    quick: values.quick,
    folder: values.folder ?? tmpdir(),
    json: values.json,
    profile: values.profile,
    read: values.read,
    soak: soaks ? readMinutes(values.minutes, values.quick) : undefined,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readMinutes(text: string | undefined, quick: boolean): number {
  if (text === undefined) return quick ? MINUTES_QUICK : MINUTES;
  const minutes = Number(text);
  if (!(minutes > 0)) throw new UsageError(`--minutes takes a number above 0, not "${text}".`);
  return minutes;
}

function checkProfile(chosen: readonly Chosen[]): void {
  if (chosen.length !== 1) throw new UsageError("--profile needs one workload: name it.");
}
