// `npm run bench -- temporal`: a project on Temporal beside Temporal's SDK alone, in turn on the same server, so
// that what a neighbour takes is taken from both. Not part of the other benchmarks: it needs the server.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { atExit } from "../peers/at-exit.ts";
import { measureOnce } from "../peers/measurement.ts";
import type { WorkloadId } from "../peers/peer.ts";
import { type Server, ServerMissing } from "../peers/server.ts";
import { startOwn } from "../peers/server/temporal.ts";
import { progressOn } from "../report.ts";
import { readable } from "../statistics.ts";
import { machine, placeOf } from "../usage.ts";
import { SETTINGS } from "../../tools/services/temporal.ts";
import { Measured, derived } from "./figures.ts";
import { type Options, type ServerId, help, readOptions } from "./options.ts";
import { report, titles } from "./report.ts";
import { SCALES, SLEEP_MS } from "./scale.ts";
import { SIDES, type Side, peerOf } from "./sides.ts";

/** What takes longer is measured once. */
const ONCE_MS = 60_000;

/** Measures what the command line says; false when some of it failed. */
export async function benchTemporal(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args);
  if (options === "help") {
    console.log(help);
    return true;
  }
  const { folder, quick, servers } = options;
  console.log(`Node ${process.version}, ${machine()}, ${folder} (${placeOf(folder, quick)})`);
  if (quick)
    console.log("Small sizes: this shows that the benchmark works; the figures mean nothing.");
  if (options.profile !== undefined) mkdirSync(resolve(options.profile), { recursive: true });
  const saved: Record<string, readonly object[]> = {};
  let whole = true;
  for (const id of servers) {
    try {
      const bench = new Bench(id, options);
      whole = (await bench.run()) && whole;
      console.log(bench.describe());
      saved[id] = bench.measured.save();
    } catch (error) {
      if (!(error instanceof ServerMissing)) throw error;
      console.error(error.message);
      return false;
    }
  }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(saved, undefined, 2)}\n`);
  return whole;
}

/** The measurements on one server. */
class Bench {
  readonly measured = new Measured();
  readonly #server: ServerId;
  readonly #options: Options;
  readonly #workloads: readonly WorkloadId[];
  readonly #progress = progressOn(process.stderr);
  readonly #slow = new Set<string>();

  constructor(server: ServerId, options: Options) {
    this.#server = server;
    this.#options = options;
    this.#workloads = options.workloads.filter((id) => this.#shareOf(id) !== undefined);
  }

  /** Fills `measured`; false when some of it failed. */
  async run(): Promise<boolean> {
    const folder = mkdtempSync(join(this.#options.folder, "holdfast-bench-temporal-"));
    using _folder = atExit(() => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    const settings = this.#server === "settings" ? SETTINGS : {};
    await using server = await startOwn(folder, settings);
    let whole = true;
    for (let run = 1; run <= this.#runs; run += 1) {
      for (const workload of this.#workloads) {
        // In turn first: whoever comes second finds a warmer server.
        const sides = run % 2 === 1 ? SIDES : SIDES.toReversed();
        for (const side of sides) {
          this.#progress(`${this.#server}: ${workload}, run ${run} of ${this.#runs}: ${side}`);
          whole = (await this.#measure(side, workload, server)) && whole;
        }
      }
    }
    this.#progress("");
    return whole;
  }

  describe(): string {
    const { quick } = this.#options;
    const what = this.#server === "settings" ? "Server with settings" : "Server with its defaults";
    const lines = titles(this.#workloads, (id) => this.#titleOf(id));
    const runs = this.#runs === 1 ? "one run" : `medians of ${this.#runs} interleaved runs`;
    return [
      `\n## ${what}${quick ? ", small sizes" : ""}: ${runs}`,
      lines.join("\n"),
      report(this.measured),
    ].join("\n\n");
  }

  get #runs(): number {
    return this.#server === "settings" ? this.#options.runs : 1;
  }

  #shareOf(id: WorkloadId): number | undefined {
    const { share, bare } = SCALES[id];
    return this.#server === "settings" ? share : bare;
  }

  #titleOf(id: WorkloadId): string {
    const { title, share } = SCALES[id];
    const part = (this.#shareOf(id) ?? share) / share;
    return part === 1 ? title : `${title}, at ${readable(part)} of that size`;
  }

  async #measure(side: Side, workload: WorkloadId, server: Server): Promise<boolean> {
    const { folder: base, quick, profile } = this.#options;
    const both = `${side} ${workload}`;
    if (this.#slow.has(both)) return true;
    const begun = performance.now();
    try {
      const { figures } = await measureOnce(peerOf(side), workload, {
        base,
        quick,
        share: this.#shareOf(workload),
        sleepMs: SLEEP_MS,
        server,
        profile: side === "holdfast-temporal" && profile ? resolve(profile) : undefined,
      });
      this.measured.add(side, workload, figures);
      this.#progress("");
      const told = Object.entries(derived(figures));
      const text = told.map(([name, value]) => `${name} ${readable(value)}`).join(", ");
      console.log(`${this.#server} ${both}: ${text}`);
      if (performance.now() - begun > ONCE_MS) this.#slow.add(both);
      return true;
    } catch (error) {
      this.#progress("");
      console.error(`FAILED ${both}:`, error);
      return false;
    }
  }
}
