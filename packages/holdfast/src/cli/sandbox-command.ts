// `sandbox`: the paper venue alone, for agents written elsewhere.

import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { usdc } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import {
  type Pair,
  PAIRS,
  type RecordingFile,
  SUITES,
  type SandboxOptions,
  type Suite,
  openSandbox,
  suiteOf,
} from "@holdfast/sandbox";
import { belongingOf, checkBelonging, readBelonging } from "../host/belonging.ts";
import { openStateFolder } from "../host/state-folder.ts";
import { say } from "./print.ts";
import { instantOf, refused } from "./sandbox-controls.ts";
import { aborted, onStop } from "./stop.ts";

export interface SandboxCommandOptions {
  readonly state: string;
  readonly port?: number;
  readonly auditPort?: number;
  readonly grant?: string;
  readonly seed?: string;
  readonly strict?: boolean;
  readonly rateLimits: boolean;
  readonly cors: readonly string[];
  readonly acceptLiveKeys?: boolean;
  /** "BTC,ETH". */
  readonly pairs?: string;
  /** "BTC-PERP=candles.csv", or a file alone. */
  readonly replay?: readonly string[];
  /** An instant, or "now". */
  readonly replayStart?: string;
  readonly clock?: "real" | "frozen" | "scaled";
  readonly rate?: number;
  /** Names of suites. */
  readonly faults?: readonly string[];
  readonly for?: string;
}

const PORT = 4_100;
const CONTROL_PORT = 4_101;

export async function sandboxCommand(options: SandboxCommandOptions): Promise<void> {
  using stop = onStop({
    clock: systemClock,
    duration: options.for,
    force: () => process.exit(130),
  });
  const suites = (options.faults ?? []).map(suiteNamed);
  const venue = venueOptions(options);
  const folder = openStateFolder(resolve(options.state));
  // A project with `remote(…)` may share the folder; one that is live may not.
  if (readBelonging(folder)?.mode === "live") checkBelonging(folder, belongingOf(undefined));
  const kept = folder.readPorts();
  await using sandbox = await openSandbox({
    path: folder.venue,
    port: options.port ?? kept?.venue ?? PORT,
    controlPort: options.auditPort ?? kept?.venueControl ?? CONTROL_PORT,
    controlToken: kept?.venueToken ?? randomBytes(18).toString("base64url"),
    strict: options.strict === true,
    rateLimits: options.rateLimits,
    cors: options.cors,
    acceptLiveKeys: options.acceptLiveKeys === true,
    warn: say,
    ...venue,
    // As a real venue would: nothing is tidied up.
    onCrash: () => process.kill(process.pid, "SIGKILL"),
  });
  const { faults } = sandbox;
  for (const suite of suites) {
    for (const rule of suite.rules({}, sandbox.venue.clock.now())) faults.add(rule, suite.name);
  }
  folder.writePorts({
    venue: Number(new URL(sandbox.url).port),
    venueControl: Number(new URL(sandbox.controlUrl).port),
    venueToken: sandbox.controlToken,
  });
  say(`paper venue ${sandbox.url} (${sandbox.instanceId}); state lies in ${folder.path}.`);
  say(`audit ${sandbox.auditUrl}`);
  for (const { name, proves } of suites) say(`faults ${name}: ${proves}`);
  say(`faults and clock ${sandbox.auditUrl.replace("/audit?", "/faults?")}`);
  say(`clock, faults and effects: ${sandbox.controlUrl}/_sandbox/…, with the same token.`);
  say(`In a configuration: venue: remote({ baseUrl: "${sandbox.url}" })`);
  say("Stop with Ctrl-C; the same command goes on where it was.");
  await aborted(stop.signal);
  say("Stopped. Everything answered is on disk.");
}

/** What the options say about the venue. @throws HF-SANDBOX-REFUSED */
function venueOptions(
  options: SandboxCommandOptions,
): Pick<SandboxOptions, "grant" | "seed" | "pairs" | "recordings" | "clock"> {
  const { grant, seed, pairs, clock, rate, replay = [], replayStart } = options;
  if (rate !== undefined && clock !== undefined && clock !== "scaled") {
    throw refused(`Cannot give a ${clock} clock a pace: --rate is for --clock scaled.`);
  }
  const mode = rate === undefined ? clock : "scaled";
  return {
    ...(grant === undefined ? {} : { grant: usdc(grant) }),
    ...(seed === undefined ? {} : { seed }),
    ...(pairs === undefined ? {} : { pairs: pairs.split(",").map(pairNamed) }),
    recordings: replay.map((one) => recordingOf(one, replayStart)),
    ...(mode === undefined ? {} : { clock: { mode, ...(rate === undefined ? {} : { rate }) } }),
  };
}

function recordingOf(text: string, start: string | undefined): RecordingFile {
  const [, named = "BTC", path = ""] = /^(?:([^=]+)=)?(.+)$/u.exec(text) ?? [];
  const { symbol } = pairNamed(named);
  const file = { symbol, path: resolve(path) };
  if (start === undefined) return file;
  return { ...file, startAt: start === "now" ? systemClock.now() : instantOf(start) };
}

/** The pair of "BTC", "btc-perp" or "BTC-PERP". @throws HF-SANDBOX-REFUSED */
function pairNamed(text: string): Pair {
  const name = text.trim().toUpperCase();
  const found = PAIRS.find(({ symbol }) => symbol === name || symbol === `${name}-PERP`);
  if (found !== undefined) return found;
  const known = PAIRS.map(({ symbol }) => symbol).join(", ");
  throw refused(`Cannot trade "${text}": the paper venue has ${known}.`);
}

/** @throws HF-SANDBOX-REFUSED */
function suiteNamed(name: string): Suite {
  const found = suiteOf(name);
  if (found !== undefined) return found;
  const known = SUITES.map((suite) => suite.name).join(", ");
  throw refused(`Cannot arm the suite "${name}": there are ${known}.`);
}
