// A CPU profile of one piece of work in this process, for a browser's developer tools; and where its time went, in
// lines. A child is told by its environment that it is to be profiled.

import { readFileSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { basename, dirname } from "node:path";

/** Microseconds between samples: a step takes some hundreds. */
const SAMPLE_US = 200;

/** Does the work; writes its profile when a file is named, over one that is there. */
export async function withProfile<Value>(
  file: string | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  if (file === undefined) return work();
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
    await session.post("Profiler.start");
    const value = await work();
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
    return value;
  } finally {
    session.disconnect();
  }
}

/** Does work whose children, not this process, are to be profiled: those that call `profiled`. */
export async function withChildProfile<Value>(
  file: string | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  if (file === undefined) return work();
  process.env["HOLDFAST_BENCH_PROFILE"] = file;
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(process.env, "HOLDFAST_BENCH_PROFILE");
  }
}

/** The file for the profile of a child, in a process whose children are to be profiled. */
export const childProfile = (): string | undefined => process.env["HOLDFAST_BENCH_PROFILE"];

/** Arguments of Node that profile a whole process which ends by itself. */
export const profileArguments = (file: string): readonly string[] => [
  "--cpu-prof",
  `--cpu-prof-interval=${SAMPLE_US}`,
  `--cpu-prof-dir=${dirname(file)}`,
  `--cpu-prof-name=${basename(file)}`,
];

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const LINES = 40;
const US_PER_MS = 1_000;

/** The functions in which a profile spent most of its time, not counting what they call. */
export function describeProfile(file: string): string {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, sample] of samples.entries()) {
    const name = names.get(sample) ?? "";
    spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const total = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  return [...spent]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, LINES)
    .map(([name, us]) => {
      const share = `${((100 * us) / total).toFixed(1)} %`.padStart(7);
      return `${share} ${(us / US_PER_MS).toFixed(1).padStart(9)} ms  ${name}`;
    })
    .join("\n");
}

function nameOf({ functionName, url, lineNumber }: Profile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  return url === "" ? name : `${name}  ${basename(url)}:${lineNumber + 1}`;
}
