// The command line of the benchmarks: what is accepted, what is refused and why, and the help.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { UsageError, readRuns } from "./usage.ts";
import { type Chosen, choose, figureIds, unknownNames } from "./workloads.ts";

const RUNS = 5;

export interface Options {
  readonly chosen: readonly Chosen[];
  /** Measurements of each part, of which the median is reported. */
  readonly runs: number;
  readonly quick: boolean;
  readonly folder: string;
  readonly json: string | undefined;
  readonly profile: string | undefined;
}

export const help = `Usage: npm run bench -- [names] [options]

Measures the engine and, interleaved with it in the same call, the floor: the same
work over a bare journal. Names choose figures by their beginning: W1 W3.

Figures:
${figureIds.map((id) => `  ${id}`).join("\n")}

Options:
  --runs N        Measurements of each, of which the median is reported (default ${RUNS}).
  --quick         One run of each at small sizes: shows that it works, measures nothing.
  --folder DIR    Where the files lie, on a real file system (default: the system's
                  temporary folder).
  --json FILE     Also writes the figures to a file.
  --profile FILE  Writes a CPU profile of the engine's last run. Needs one workload,
                  one that runs in this process.
  --help          Shows this.
`;

const flags = {
  runs: { type: "string" },
  quick: { type: "boolean", default: false },
  folder: { type: "string" },
  json: { type: "string" },
  profile: { type: "string" },
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
  const unknown = unknownNames(positionals);
  if (unknown.length > 0) {
    const names = unknown.map((name) => `"${name}"`).join(", ");
    throw new UsageError(`No figure begins with ${names}. There are:\n  ${figureIds.join("\n  ")}`);
  }
  const chosen = choose(positionals);
  if (values.profile !== undefined) checkProfile(chosen);
  return {
    chosen,
    runs: readRuns(values.runs, values.quick ? 1 : RUNS),
    quick: values.quick,
    folder: values.folder ?? tmpdir(),
    json: values.json,
    profile: values.profile,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function checkProfile(chosen: readonly Chosen[]): void {
  const [first, second] = chosen;
  if (first === undefined || second !== undefined)
    throw new UsageError("--profile needs one workload: name it.");
  if (first.workload.children)
    throw new UsageError("--profile sees this process only, and this workload runs in others.");
}
