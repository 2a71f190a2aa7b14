// The report: what is measured, in two tables that must not be read as one. A library in the process has no
// network to cross, and what that crossing costs stands above the second table.

import { median, percentile, readable, span } from "../statistics.ts";
import { WORKLOADS, type WorkloadId } from "./peer.ts";
import type { Absent, Present, Results } from "./results.ts";
import { table } from "./table.ts";
import { RECOVERY, WITHIN } from "./workload.ts";

/** The circumstances of all figures. */
export interface Circumstances {
  readonly date: string;
  readonly machine: string;
  readonly fileSystem: string;
  readonly commands: readonly string[];
  readonly quick: boolean;
}

export interface Reported {
  readonly circumstances: Circumstances;
  readonly workloads: readonly WorkloadId[];
  readonly present: readonly Present[];
  readonly absent: readonly Absent[];
  readonly results: Results;
}

interface Row {
  readonly label: string;
  readonly workload: WorkloadId;
  readonly figure: string;
}

const ROWS: readonly Row[] = [
  { label: "W1 steps/s", workload: "W1", figure: "steps_s" },
  { label: "W2 steps/s", workload: "W2", figure: "steps_s" },
  { label: "W3 p50, ms", workload: "W3", figure: "p50_ms" },
  { label: "W3 p99, ms", workload: "W3", figure: "p99_ms" },
  { label: "W4 all started, s", workload: "W4", figure: "start_s" },
  { label: "W4 late p50, ms", workload: "W4", figure: "late_p50_ms" },
  { label: "W4 late p99, ms", workload: "W4", figure: "late_p99_ms" },
  { label: "W4 memory before, MiB", workload: "W4", figure: "memory_before_mib" },
  { label: "W4 memory asleep, MiB", workload: "W4", figure: "memory_mib" },
  { label: "W5, ms", workload: "W5", figure: "ms" },
  { label: "W6, s", workload: "W6", figure: "s" },
  { label: "W6 steps twice", workload: "W6", figure: "steps_twice" },
  { label: "W6 steps missing", workload: "W6", figure: "steps_missing" },
  { label: "W6 runs not done", workload: "W6", figure: "not_done" },
];

/** Processor seconds of the peer's process, and of its server where it has one. */
const cpuRow = (workload: WorkloadId): Row => ({
  label: `${workload} CPU, s`,
  workload,
  figure: "cpu_s",
});

export function report(reported: Reported): string {
  const inProcess = reported.present.filter(({ listed }) => listed.server === undefined);
  const overHop = reported.present.filter(({ listed }) => listed.server !== undefined);
  return [
    "# Peers",
    ...opening(reported),
    ...section("In process", inProcess, reported, IN_PROCESS),
    ...section("Over a network hop", overHop, reported, [OVER_HOP, ...hops(overHop)]),
    ...settings(reported.present),
    ...notMeasured(reported),
  ]
    .join("\n\n")
    .concat("\n");
}

const IN_PROCESS = [
  "A library over a SQLite file, in one process. The floor is no system: it is rows in a bare journal with group commit, the limit of what SQLite and the disk allow.",
];

const OVER_HOP =
  "Each step of these crosses to a server and back, here over loopback on the same two processors; a real network adds its own. An in-process library beats them by at least that, so these figures must not be set against the table above as if engines alone were compared. They buy what a file cannot give: several machines.";

function opening({ circumstances, workloads, results }: Reported): readonly string[] {
  const { date, machine, fileSystem, commands, quick } = circumstances;
  const { runs } = results;
  return [
    "Holdfast beside other systems that run durable work, each as its makers recommend it, with the same durability where it has it. Written by:",
    ...(quick
      ? ["**Small sizes: this shows that the comparison works; the figures mean nothing.**"]
      : []),
    `${date}; ${machine}; data on ${fileSystem}, fsync on; Node ${process.version}. ${runs === 1 ? "One run" : `Medians of ${runs} interleaved runs, least and greatest in brackets`}; each measurement in a process and with a server of its own.`,
    `\`\`\`sh\n${commands.join("\n")}\n\`\`\``,
    workloads
      .map((id) => `- **${id}**: ${id === "W6" ? RECOVERY.title : WITHIN[id].title}`)
      .join("\n"),
    READING,
  ];
}

const READING = [
  "A step takes and gives some 60 bytes and does nothing else.",
  "W4 tells how late each run was when it woke after its 5 s, seen by a step that it calls then; memory is that of the process and its server.",
  "In W6 the process kills itself when half of the effects have happened, and time runs from the start of the next process to the last effect. A step twice is an effect that happened before the kill and again after it: every system here runs a step at least once. Missing and not done must be 0.",
  "CPU is that of the process, and after the plus that of its server. What takes over a minute is measured once; what was measured once has no brackets. A dash was not measured.",
].join(" ");

function section(
  title: string,
  peers: readonly Present[],
  { results, workloads }: Reported,
  texts: readonly string[],
): readonly string[] {
  if (peers.length === 0) return [];
  const rows = [...ROWS, ...WORKLOADS.map(cpuRow)].filter(({ workload }) =>
    workloads.includes(workload),
  );
  const head = ["", ...peers.map(({ listed }) => listed.title)];
  const body = rows.map((row) => [
    row.label,
    ...peers.map((peer) =>
      row.figure === "cpu_s" ? cpu(results, peer, row) : cell(results, peer, row),
    ),
  ]);
  return [`## ${title}`, ...texts, table([head, ...body])];
}

function cell(results: Results, { listed }: Present, { workload, figure }: Row): string {
  const values = results.values(listed.name, workload, figure);
  if (values.length === 0) return "—";
  const middle = readable(median(values));
  return values.length === 1 ? middle : `${middle} (${span(values)})`;
}

function cpu(results: Results, { listed }: Present, { workload }: Row): string {
  const own = results.values(listed.name, workload, "cpu_s");
  if (own.length === 0) return "—";
  const server = results.values(listed.name, workload, "server_cpu_s");
  const text = readable(median(own));
  return listed.server === undefined ? text : `${text} + ${readable(median(server))}`;
}

/** What a hop costs, for each server. */
function hops(peers: readonly Present[]): readonly string[] {
  const head = ["Server", "Round trip p50, ms", "p99", "One durable write p50, ms", "p99"];
  const both = (samples: readonly number[] | undefined): readonly string[] =>
    samples === undefined
      ? ["—", "—"]
      : [readable(percentile(samples, 0.5)), readable(percentile(samples, 0.99))];
  const rows = peers.flatMap(({ hop }) =>
    hop === undefined ? [] : [[hop.state, ...both(hop.roundTripMs), ...both(hop.writeMs)]],
  );
  return rows.length === 0 ? [] : [table([head, ...rows])];
}

function settings(present: readonly Present[]): readonly string[] {
  if (present.length === 0) return [];
  const of = ({ listed, about }: Present): string =>
    [
      `- **${listed.title}** (\`${listed.name}\`): ${about.version}. ${capital(about.durability)}.`,
      ...about.settings.map((it) => `  - Set: ${it}.`),
      ...about.notes.map((it) => `  - Note: ${it}.`),
    ].join("\n");
  return ["## Versions, settings, and what to bear in mind", present.map(of).join("\n")];
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function notMeasured({ present, absent, workloads, results }: Reported): readonly string[] {
  const lines = [
    ...absent.map(({ listed, reason }) => `- ${listed.title}: ${reason}`),
    ...present.flatMap(({ listed }) =>
      workloads.flatMap((workload) => {
        const reason = results.missing(listed.name, workload);
        return reason === undefined ? [] : [`- ${listed.title}, ${workload}: ${reason}.`];
      }),
    ),
  ];
  return lines.length === 0 ? [] : ["## Not measured", lines.join("\n")];
}
