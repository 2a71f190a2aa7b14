// `dev` and `serve`: host a project until they are stopped. A first signal drains, a second one forces; either
// way, the same command goes on where it was.

import { flushCompileCache } from "node:module";
import { hasCode } from "@holdfast/core";
import { systemClock } from "@holdfast/engine";
import { type Project, loadProject } from "../config/load.ts";
import { type Host, openHost } from "../host/host.ts";
import { type LogLine, createLog } from "../host/log.ts";
import type { LostState } from "../lost-state/admit.ts";
import { readAudit } from "../terminal/audit.ts";
import { clean } from "../terminal/text.ts";
import { watchPipe } from "../terminal/watch-pipe.ts";
import { watchTerminal } from "../terminal/watch-terminal.ts";
import { type Preflight, sheetLines } from "../venue/preflight.ts";
import { EXIT_OVERLOADED } from "../watch/watch.ts";
import { leave, say, sayError } from "./print.ts";
import { type Stop, aborted, onStop } from "./stop.ts";

/** How long a process that is short of something has to drain, in milliseconds. */
const END_MS = 20_000;

export interface HostCommandOptions {
  readonly config?: string;
  readonly state?: string;
  /** Ends by itself after this duration. */
  readonly for?: string;
  readonly json?: boolean;
  readonly port?: number;
  readonly auditPort?: number;
  readonly controlPort?: number;
  /** Somebody has looked, and lets it start with real money. */
  readonly acceptLive?: boolean;
  /** Somebody has looked, and lets it go on without the journal of before. */
  readonly acceptLostState?: boolean;
}

export async function hostCommand(
  command: "dev" | "serve",
  options: HostCommandOptions,
): Promise<void> {
  const isDev = command === "dev";
  const json = options.json === true;
  const project = await loadProject({
    folder: process.cwd(),
    file: options.config,
    stateFolder: options.state,
    ...(isDev ? { fallback: async () => (await import("../demo/demo.ts")).demo } : {}),
  });
  using stop = onStop({
    clock: systemClock,
    duration: options.for,
    force: () => {
      process.stderr.write("Forced. The same command goes on where it was.\n");
      process.exit(130);
    },
  });
  const news = createLog(() => systemClock.now());
  const host = await openHost(project, {
    log: news.log,
    shadowReplay: isDev,
    preflight: { accept: options.acceptLive === true, show: (sheet) => sayPreflight(sheet, json) },
    lostState: { accept: options.acceptLostState === true, show: (found) => sayLost(found, json) },
    ports: {
      venue: options.port,
      venueControl: options.auditPort,
      control: options.controlPort,
    },
    patience: { signal: stop.signal, say: (message) => sayWaiting(message, json) },
    onFailed(error) {
      sayError(error);
      stop.now();
    },
    onOverloaded() {
      endOverloaded(stop);
    },
  }).catch((error: unknown) => {
    if (hasCode(error, "HF-START-STOPPED")) return undefined;
    throw error;
  });
  if (host === undefined) {
    sayNothingStarted(json);
    return await leave();
  }
  try {
    announce(host, project, command, json);
    host
      .launch()
      // Compiled code is kept now, not only at the end: whoever is killed starts fast the next time, too.
      .then(flushCompileCache)
      .catch((error: unknown) => {
        // A stop while accounts were being opened: they are, the next time.
        if (stop.signal.aborted && hasCode(error, "HF-ENGINE-CLOSED")) return;
        sayError(error);
        stop.now();
      });
    await view({ host, project, stop, isDev, json, onLog: news.subscribe });
  } finally {
    await end(host, json);
  }
  await leave();
}

/** The log says why already. What hangs while it drains is not waited for: the next process goes on. */
function endOverloaded(stop: Stop): void {
  process.exitCode = EXIT_OVERLOADED;
  stop.now();
  systemClock.setTimer(systemClock.now() + END_MS, () => process.exit(EXIT_OVERLOADED));
}

/** What is waited for is no news of a run: it is said before there are any. */
function sayWaiting(message: string, json: boolean): void {
  if (json) say(JSON.stringify({ event: "waiting", message }));
  else process.stderr.write(`warn: ${clean(message)}\n`);
}

function sayNothingStarted(json: boolean): void {
  if (json) say(JSON.stringify({ event: "stopped" }));
  else say("Stopped. Nothing was started.");
}

function sayPreflight(sheet: Preflight, json: boolean): void {
  if (json) say(JSON.stringify({ event: "preflight", ...sheet }));
  else for (const line of sheetLines(sheet)) say(clean(line));
}

function sayLost({ sightings, lines }: LostState, json: boolean): void {
  if (json) say(JSON.stringify({ event: "lost-state", accounts: sightings }));
  else for (const line of lines) say(clean(line));
}

interface Shown {
  readonly host: Host;
  readonly project: Project;
  readonly stop: Stop;
  readonly isDev: boolean;
  readonly json: boolean;
  readonly onLog: (listener: (line: LogLine) => void) => void;
}

/** Shows what happens until the stop. */
async function view({ host, project, stop, isDev, json, onLog }: Shown): Promise<void> {
  const { signal } = stop;
  const output = process.stdout;
  if (isDev && !json && output.isTTY && process.env["TERM"] !== "dumb") {
    const footer = [
      "Ctrl-C stops; after it, or kill -9, the same command goes on where it was.",
      `state ${project.stateFolder}`,
      ...addresses(host),
    ];
    await watchTerminal({ host, footer, signal, output, onLog });
  } else if (isDev || json) {
    await watchPipe({ host, json, signal, output, onLog });
  } else {
    onLog(({ level, message }) => {
      if (level !== "debug") process.stderr.write(`${level}: ${message}\n`);
    });
    await aborted(signal);
  }
}

function announce(host: Host, project: Project, command: string, json: boolean): void {
  const { venue, folder } = host;
  if (json) {
    const { url, auditUrl: audit } = venue;
    const started = { event: "started", pid: process.pid, state: folder.path, venue: url, audit };
    say(JSON.stringify({ ...started, control: host.control.url }));
    return;
  }
  const what = project.file ?? "the built-in demo";
  say(`holdfast ${command} runs ${what}; state lies in ${folder.path}.`);
  for (const line of addresses(host)) say(line);
  say("Stop with Ctrl-C. After Ctrl-C or kill -9, the same command goes on where it was.");
  say('In another terminal: "holdfast runs", "holdfast run <id>", "holdfast --help".');
}

/** Closes the host, and says where the audit is and what it finds. */
async function end(host: Host, json: boolean): Promise<void> {
  const { inFlight } = host.engine;
  if (inFlight > 0 && !json) {
    say(`Stopping; calls in flight: ${inFlight}. Ctrl-C again does not wait for them.`);
  }
  await host.drain();
  const audit = await readAudit(host.venue.auditUrl);
  await host.close();
  const { auditUrl } = host.venue;
  if (json) {
    say(JSON.stringify({ event: "stopped", audit, auditUrl }));
    return;
  }
  say("Stopped. Everything acknowledged is on disk; the same command goes on.");
  if (audit !== undefined) {
    say(`${audit.effects} effects for ${audit.refs} intents, ${audit.duplicateEffects} twice.`);
  }
  if (auditUrl !== undefined) say(`audit, while it runs: ${auditUrl}`);
}

function addresses({ venue }: Host): readonly string[] {
  if (venue.auditUrl === undefined) return [`venue ${venue.url} (${venue.identity.mode})`];
  return [`venue ${venue.url} (paper)`, `audit ${venue.auditUrl}`];
}
