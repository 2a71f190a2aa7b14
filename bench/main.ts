// The benchmarks: `npm run bench`. Every figure of the engine stands beside its floor, the same work over a
// bare journal, taken in the same call. Targets are information: only work that fails fails the call.

import { writeFileSync } from "node:fs";
import { measure } from "./measure.ts";
import { type Options, help, readOptions } from "./options.ts";
import { describeProfile } from "./profile.ts";
import { type Reported, describeFigure, progressOn, reported } from "./report.ts";
import { UsageError, machine, placeOf } from "./usage.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** Says where it measures; refuses a place where figures would mean nothing. */
function announce({ folder, quick, runs, soak }: Options): void {
  const system = placeOf(folder, quick);
  console.log(`Node ${process.version}, ${machine()}, ${folder} (${system})`);
  if (quick)
    console.log("Small sizes: this shows that the benchmarks work; the figures mean nothing.");
  else if (soak === undefined)
    console.log(`Medians of ${runs} interleaved runs, least and greatest in brackets.`);
}

/** Measures what was chosen; false when some of it failed. */
async function bench(options: Options): Promise<boolean> {
  announce(options);
  const progress = progressOn(process.stderr);
  const reports: Reported[] = [];
  let whole = true;
  for (const chosen of options.chosen) {
    try {
      const figures = await measure(chosen, { ...options, progress });
      progress("");
      for (const figure of figures) console.log(describeFigure(figure));
      for (const line of chosen.workload.details?.() ?? []) console.log(`  ${line}`);
      reports.push(...figures.map(reported));
    } catch (error) {
      progress("");
      console.error(`${[...chosen.ids].join(", ")} failed:`, error);
      whole = false;
    }
  }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(reports, undefined, 2)}\n`);
  return whole;
}

/** Soaks; false when memory is not flat, which says something only after minutes. */
async function soaks(options: Options, minutes: number): Promise<boolean> {
  announce(options);
  // Imported here, because it makes collections that other measurements must not see.
  const { describeSoak, soak } = await import("./soak/soak.ts");
  const { folder, quick, json } = options;
  const soaked = await soak({ folder, minutes, quick }, console.log);
  console.log(describeSoak(soaked));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(soaked, undefined, 2)}\n`);
  return quick || soaked.flat;
}

try {
  const args = process.argv.slice(2);
  const options = args[0] === "temporal" ? "temporal" : readOptions(args);
  if (options === "help") console.log(help);
  else if (options === "temporal") {
    // Imported here, because its parts are there only for whoever has a server.
    const { benchTemporal } = await import("./temporal/temporal.ts");
    if (!(await benchTemporal(args.slice(1)))) process.exitCode = EXIT_FAILED;
  } else if (options.read !== undefined) console.log(describeProfile(options.read));
  else if (options.soak !== undefined) {
    if (!(await soaks(options, options.soak))) process.exitCode = EXIT_FAILED;
  } else if (!(await bench(options))) process.exitCode = EXIT_FAILED;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = EXIT_USAGE;
}
