// The command line of `npm run bench -- temporal`: what is accepted, what is refused and why, and the help.

import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { chosen } from "../peers/options.ts";
import { WORKLOADS, type WorkloadId } from "../peers/peer.ts";
import { UsageError, readRuns } from "../usage.ts";
import { SCALES } from "./scale.ts";

const RUNS = 3;

/** The servers of a call: with the settings of `tools/services/temporal.ts`, and with its defaults. */
export const SERVERS = ["settings", "defaults"] as const;
export type ServerId = (typeof SERVERS)[number];

export interface Options {
  readonly workloads: readonly WorkloadId[];
  readonly servers: readonly ServerId[];
  readonly runs: number;
  readonly quick: boolean;
  readonly folder: string;
  readonly json: string | undefined;
  readonly profile: string | undefined;
}

export const help = `Usage: npm run bench -- temporal [options]

Measures a project on Temporal beside the same work written with Temporal's SDK alone,
interleaved on the same server, each in a process of its own. The server is started on
loopback: once with the settings that docs/guides/scale-out-temporal.md names, and once
with its defaults.

Workloads:
${WORKLOADS.map((id) => `  ${id}  ${SCALES[id].title}`).join("\n")}

Options:
  --workloads LIST  W1,W2 (default: all).
  --servers LIST    settings,defaults (default: both; W4 and W6 only with settings).
  --runs N          Measurements of each, of which the median is reported (default ${RUNS};
                    one with defaults).
  --quick           One run of each at small sizes: shows that it works, measures nothing.
  --folder DIR      Where data lies, on a real file system (default: the system's
                    temporary folder).
  --json FILE       Writes all figures to a file.
  --profile DIR     Writes CPU profiles of our side's threads. Needs one workload.
  --help            Shows this.
`;

const flags = {
  workloads: { type: "string" },
  servers: { type: "string" },
  runs: { type: "string" },
  quick: { type: "boolean", default: false },
  folder: { type: "string" },
  json: { type: "string" },
  profile: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const named = (it: string): string => it;
  const workloads = chosen(values.workloads, { all: WORKLOADS, named, what: "workload" });
  if (values.profile !== undefined && workloads.length !== 1)
    throw new UsageError("--profile needs one workload: name it with --workloads.");
  return {
    workloads,
    servers: chosen(values.servers, { all: SERVERS, named, what: "server" }),
    runs: readRuns(values.runs, values.quick ? 1 : RUNS),
    quick: values.quick,
    folder: values.folder ?? tmpdir(),
    json: values.json,
    profile: values.profile,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
