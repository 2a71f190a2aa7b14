// The tables of `npm run bench -- temporal`: a side beside the other, their ratio, and which goals are met.

import { WORKLOADS, type WorkloadId } from "../peers/peer.ts";
import { table } from "../peers/table.ts";
import { median, readable, span } from "../statistics.ts";
import type { Measured } from "./figures.ts";
import type { Side } from "./sides.ts";

/** The goal: at most so many times what the plain SDK takes. */
const GOAL = 1.15;

interface Row {
  readonly label: string;
  readonly workload: WorkloadId;
  readonly figure: string;
  /** Whether it has a goal. */
  readonly goal?: true;
}

const cpu = (workload: WorkloadId): readonly Row[] => [
  { label: `${workload} CPU a step, ms`, workload, figure: "cpu_ms_per_step", goal: true },
  { label: `${workload} server's CPU a step, ms`, workload, figure: "server_cpu_ms_per_step" },
];

const ROWS: readonly Row[] = [
  { label: "W1 steps/s", workload: "W1", figure: "steps_s" },
  ...cpu("W1"),
  { label: "W2 steps/s", workload: "W2", figure: "steps_s" },
  ...cpu("W2"),
  { label: "W3 p50, ms", workload: "W3", figure: "p50_ms" },
  { label: "W3 p99, ms", workload: "W3", figure: "p99_ms" },
  ...cpu("W3"),
  { label: "W4 all started, s", workload: "W4", figure: "start_s" },
  { label: "W4 late p99, ms", workload: "W4", figure: "late_p99_ms" },
  { label: "W4 memory before, MiB", workload: "W4", figure: "own_before_mib" },
  { label: "W4 memory asleep, MiB", workload: "W4", figure: "own_mib" },
  { label: "W4 memory a cached run, MiB", workload: "W4", figure: "mib_per_run", goal: true },
  { label: "W5, ms", workload: "W5", figure: "ms" },
  ...cpu("W5"),
  { label: "W6, s", workload: "W6", figure: "s" },
  { label: "W6 steps twice", workload: "W6", figure: "steps_twice" },
  { label: "W6 steps missing", workload: "W6", figure: "steps_missing" },
  { label: "W6 runs not done", workload: "W6", figure: "not_done" },
];

const HEAD = ["", "Holdfast", "SDK alone", "Ratio", `At most ${GOAL}`];

/** One server's figures as a table in Markdown. */
export function report(measured: Measured): string {
  const rows = ROWS.flatMap((row) => {
    const cells = cellsOf(measured, row);
    return cells === undefined ? [] : [cells];
  });
  return table([HEAD, ...rows]);
}

function cellsOf(measured: Measured, row: Row): readonly string[] | undefined {
  const of = (side: Side): readonly number[] => measured.values(side, row.workload, row.figure);
  const [ours, plain] = [of("holdfast-temporal"), of("temporal")];
  if (ours.length === 0 && plain.length === 0) return undefined;
  const [a, b] = [ours, plain].map((values) => (values.length === 0 ? 0 : median(values)));
  const ratio = (a ?? 0) / (b ?? 0);
  const isKnown = Number.isFinite(ratio);
  const met = ratio <= GOAL ? "met" : "missed";
  return [
    row.label,
    cell(ours),
    cell(plain),
    isKnown ? readable(ratio) : "",
    row.goal === true && isKnown ? met : "",
  ];
}

function cell(values: readonly number[]): string {
  if (values.length === 0) return "—";
  const middle = readable(median(values));
  return values.length === 1 ? middle : `${middle} (${span(values)})`;
}

/** The workloads of a call, in words. */
export function titles(
  workloads: readonly WorkloadId[],
  of: (id: WorkloadId) => string,
): readonly string[] {
  return WORKLOADS.filter((id) => workloads.includes(id)).map((id) => `- ${id}: ${of(id)}`);
}
