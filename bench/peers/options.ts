// The command line of the comparison with peers: what is accepted, what is refused and why, and the help.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { UsageError, readRuns } from "../usage.ts";
import { WORKLOADS, type WorkloadId } from "./peer.ts";
import { type Listed, PEERS } from "./peers.ts";
import { RECOVERY, WITHIN } from "./workload.ts";

const RUNS = 3;

export interface Options {
  readonly peers: readonly Listed[];
  readonly workloads: readonly WorkloadId[];
  readonly runs: number;
  readonly quick: boolean;
  readonly folder: string;
  readonly json: string | undefined;
  readonly report: string | undefined;
  /** Figures of an earlier call, which these are added to. */
  readonly with: string | undefined;
  /** What to type for the same measurements, without the files that are written. */
  readonly command: string;
}

export const help = `Usage: npm run bench:peers -- [options]

Measures Holdfast beside other systems, each in a process of its own, in turn, with
its server (if it has one) started on loopback for each measurement. What is missing
is skipped, and said. The packages of the peers are installed on first use.

Peers:
${PEERS.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join("\n")}

Workloads:
${WORKLOADS.map((id) => `  ${id}  ${id === "W6" ? RECOVERY.title : WITHIN[id].title}`).join("\n")}

Options:
  --peers LIST      Names with commas between them (default: all).
  --workloads LIST  W1,W2 (default: all).
  --runs N          Measurements of each, of which the median is reported (default ${RUNS}).
  --quick           One run of each at small sizes: shows that it works, measures nothing.
  --folder DIR      Where data lies, on a real file system (default: the system's
                    temporary folder).
  --json FILE       Writes all figures to a file.
  --with FILE       Adds the figures that an earlier call wrote with --json.
  --report FILE     Writes the tables to a file in Markdown.
  --help            Shows this.

Environment:
  HOLDFAST_TEMPORAL      host:port of a Temporal server with a namespace "holdfast".
  HOLDFAST_TEMPORAL_BIN  The program \`temporal\`, where Go has not put it.
`;

const flags = {
  peers: { type: "string" },
  workloads: { type: "string" },
  runs: { type: "string" },
  quick: { type: "boolean", default: false },
  folder: { type: "string" },
  json: { type: "string" },
  report: { type: "string" },
  with: { type: "string" },
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
  const named = (it: Listed): string => it.name;
  return {
    peers: chosen(values.peers, { all: PEERS, named, what: "peer" }),
    workloads: chosen(values.workloads, { all: WORKLOADS, named: (it) => it, what: "workload" }),
    runs: readRuns(values.runs, values.quick ? 1 : RUNS),
    quick: values.quick,
    folder: values.folder ?? tmpdir(),
    json: values.json,
    report: values.report,
    with: values.with,
    command: commandOf(values),
  };
}

function commandOf({ peers, workloads, runs, quick }: ReturnType<typeof parse>): string {
  const named = Object.entries({ peers, workloads, runs });
  const given = named.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  );
  const rest = [...given, ...(quick ? ["--quick"] : [])];
  return ["npm run bench:peers", ...(rest.length === 0 ? [] : ["--", ...rest])].join(" ");
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

interface Choice<It> {
  readonly all: readonly It[];
  readonly named: (it: It) => string;
  readonly what: string;
}

/**
 * Those of a list with commas, in the order they are known in; all when there is no list.
 *
 * @throws UsageError
 */
export function chosen<It>(
  list: string | undefined,
  { all, named, what }: Choice<It>,
): readonly It[] {
  if (list === undefined) return all;
  const names = new Set(list.split(",").map((name) => name.trim()));
  const known = new Set(all.map(named));
  const unknown = [...names].filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new UsageError(
      `There is no ${what} ${unknown.map((name) => `"${name}"`).join(", ")}, but ${[...known].join(", ")}.`,
    );
  return all.filter((it) => names.has(named(it)));
}
