// Holdfast beside its peers: `npm run bench:peers`. Every peer works in processes of its own, in turn, so that
// a disk or a neighbour that slows down meanwhile slows all. Not part of the check: it needs packages and
// servers that the repository does not.

import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { progressOn } from "../report.ts";
import { readable } from "../statistics.ts";
import { UsageError, machine, placeOf } from "../usage.ts";
import { install } from "./install.ts";
import { measureHop, measureOnce } from "./measurement.ts";
import { type Options, help, readOptions } from "./options.ts";
import { WORKLOADS } from "./peer.ts";
import { type Reported, report } from "./report.ts";
import { type Absent, type Present, Results } from "./results.ts";
import { type Saved, joined, load, save } from "./saved.ts";
import { ServerMissing } from "./server.ts";
import { TooSlow } from "./worker.ts";
import type { Figures } from "./workload.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const GIB = 1_024 ** 3;
/** What takes longer is measured once. */
const ONCE_MS = 60_000;

const progress = progressOn(process.stderr);
const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();

/** Says loudly what is not done. */
function warn(line: string): void {
  progress("");
  console.error(line);
}

interface Found {
  readonly present: readonly Present[];
  readonly absent: readonly Absent[];
}

/** Which peers can be opened here, and what the way to their servers costs. */
async function find({ peers, quick, folder }: Options): Promise<Found> {
  const present: Present[] = [];
  const absent: Absent[] = [];
  for (const listed of peers) {
    progress(`${listed.name}: is it there?`);
    try {
      present.push({ listed, ...(await measureHop(listed, { base: folder, quick })) });
    } catch (error) {
      const reason = messageOf(error);
      absent.push({ listed, reason });
      const what = error instanceof ServerMissing ? "SKIPPED" : "FAILED";
      warn(`${what} ${listed.name}: ${reason}`);
      if (what === "FAILED") process.exitCode = EXIT_FAILED;
    }
  }
  return { present, absent };
}

const described = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${readable(value)}`)
    .join(", ");

/** Workloads of peers that took so long that one measurement is enough. */
const slow = new Set<string>();

/** Measures a workload of a peer once more, unless it cannot be done, or was slow before. */
async function measure(
  { listed, about }: Present,
  workload: Options["workloads"][number],
  { quick, folder }: Options,
  results: Results,
): Promise<void> {
  const cannot = about.cannot?.[workload] ?? results.missing(listed.name, workload);
  if (cannot !== undefined) {
    results.miss(listed.name, workload, cannot);
    return;
  }
  const both = `${listed.name} ${workload}`;
  if (slow.has(both)) return;
  const start = performance.now();
  try {
    const { figures } = await measureOnce(listed, workload, { base: folder, quick });
    results.add(listed.name, workload, figures);
    progress("");
    console.log(`${both}: ${described(figures)}`);
    if (performance.now() - start > ONCE_MS) slow.add(both);
  } catch (error) {
    const reason = messageOf(error);
    results.miss(listed.name, workload, reason);
    warn(`FAILED ${both}: ${reason}`);
    if (!(error instanceof TooSlow)) process.exitCode = EXIT_FAILED;
  }
}

/** What is known now, with what an earlier call had found. */
function reportedOf(
  options: Options,
  now: Found,
  results: Results,
  earlier: Saved | undefined,
): Reported {
  const all = results.copy();
  if (earlier !== undefined) all.restore(earlier);
  return {
    circumstances: {
      date: new Date().toISOString().slice(0, 10),
      machine: here(),
      fileSystem: placeOf(options.folder, options.quick),
      commands: [...(earlier?.circumstances.commands ?? []), options.command],
      quick: options.quick || earlier?.circumstances.quick === true,
    },
    workloads: WORKLOADS.filter((id) => all.workloads.has(id)),
    ...(earlier === undefined ? now : joined(now, earlier)),
    results: all,
  };
}

const here = (): string => `${machine()}, ${Math.round(totalmem() / GIB)} GiB`;

/** Measures in rounds; what was measured is written after each, so that nothing is lost by an end before the last. */
async function compare(options: Options): Promise<void> {
  const { runs, quick, folder } = options;
  const fileSystem = placeOf(folder, quick);
  const earlier = options.with === undefined ? undefined : load(options.with);
  console.log(`Node ${process.version}, ${here()}, ${folder} (${fileSystem})`);
  if (options.peers.some(({ foreign }) => foreign)) install(console.log);
  const now = await find(options);
  const results = new Results();
  let text = "";
  for (let run = 1; run <= runs; run += 1) {
    for (const workload of options.workloads) {
      for (const peer of now.present) {
        progress(`${workload}, run ${run} of ${runs}: ${peer.listed.name}`);
        await measure(peer, workload, options, results);
      }
    }
    const reported = reportedOf(options, now, results, earlier);
    text = report(reported);
    if (options.report !== undefined) writeFileSync(options.report, text);
    if (options.json !== undefined) save(options.json, reported);
  }
  progress("");
  console.log(`\n${text}`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") console.log(help);
  else await compare(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = EXIT_USAGE;
}
