// The campaign: `npm run campaign`. A million effects while everything fails, counted at the venue's own ledger; and
// the same with patterns and bugs that it must see. See docs/reliability.md.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Options, UsageError, help, readOptions } from "./campaign/options.ts";
import { NoPlaceError, isGood, markdown, summary, withReport } from "./campaign/report.ts";
import { runCampaign } from "./campaign/run.ts";

const EXIT_WRONG = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
/** Whoever interrupts again after so long wants it to end at once. */
const AGAIN_MS = 2_000;

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

async function campaign(options: Options): Promise<number> {
  const { report, json } = options;
  // Told before the work, not after it.
  if (report !== undefined) withReport(read(report), "");
  const interrupted = new AbortController();
  let since = 0;
  const interrupt = (): void => {
    // One Ctrl-C may come twice: from the terminal, and passed on by npm.
    const isAgain = interrupted.signal.aborted && performance.now() - since > AGAIN_MS;
    if (isAgain) process.exit(EXIT_INTERRUPTED);
    if (!interrupted.signal.aborted) since = performance.now();
    interrupted.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const { signal: stop } = interrupted;
  const outcome = await runCampaign({ options, progress: process.stderr, stop });
  if (report !== undefined) writeFileSync(report, withReport(read(report), markdown(outcome)));
  console.log(json ? JSON.stringify(outcome, undefined, 2) : summary(outcome));
  if (stop.aborted) return EXIT_INTERRUPTED;
  return isGood(outcome) ? 0 : EXIT_WRONG;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === "help") console.log(help);
  else process.exitCode = await campaign(options);
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof NoPlaceError)) throw error;
  console.error(error.message);
  process.exitCode = EXIT_USAGE;
}
