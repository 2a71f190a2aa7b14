// `dev` and `serve`: host a project until it is stopped. A first signal drains, a second forces.

import { type Duration, HoldfastError, durationMs } from "@holdfast/core";
import { loadProject } from "../config/load.ts";
import { type Host, openHost } from "../host/host.ts";
import { type LogLine, createLog } from "../host/log.ts";
import { watch } from "../terminal/watch.ts";
import { say, sayError } from "./print.ts";

export interface HostOptions {
  readonly config?: string;
  readonly folder?: string;
  /** Ends by itself after this duration. */
  readonly for?: string;
  readonly view: boolean;
}

export async function hostCommand(options: HostOptions): Promise<void> {
  const project = await loadProject({
    folder: options.folder ?? process.cwd(),
    file: options.config,
    ...(options.view ? { fallback: async () => (await import("../demo/demo.ts")).demo } : {}),
  });
  const listeners = new Set<(line: LogLine) => void>();
  const log = createLog(Date.now, (line) => {
    for (const listener of listeners) listener(line);
    if (listeners.size === 0 && line.level !== "debug")
      process.stderr.write(`${line.level}: ${line.message}\n`);
  });
  const host = await openHost(project, log);
  const stop = stopSignal(options.for);
  const where = project.file === undefined ? "the built-in demo" : project.file;
  say(`holdfast runs ${where}; state lies in ${project.stateFolder}.`);
  for (const line of addresses(host)) say(line);
  say("Stop with Ctrl-C. After Ctrl-C or kill -9, the same command goes on where it was.");
  try {
    const launched = host.launch();
    launched.catch((error: unknown) => {
      sayError(error);
      stop.abort();
    });
    if (options.view) {
      await watch({
        host,
        signal: stop.signal,
        output: process.stdout,
        footer: [
          "Ctrl-C stops; the same command goes on where it was.",
          `state ${project.stateFolder}`,
          ...addresses(host),
        ],
        onLog: (listener) => listeners.add(listener),
      });
    } else {
      await new Promise<void>((resolve) => {
        stop.signal.addEventListener("abort", () => {
          resolve();
        });
      });
    }
  } finally {
    listeners.clear();
    await host.close();
    say("Stopped. Everything acknowledged is on disk.");
    if (host.venue.sandbox !== undefined) {
      say(`The audit can be read again while holdfast runs: ${host.venue.sandbox.auditUrl}`);
    }
  }
}

function addresses(host: Host): readonly string[] {
  const { sandbox } = host.venue;
  return sandbox === undefined
    ? [`venue ${host.venue.url}`]
    : [`venue ${sandbox.url} (paper)`, `audit ${sandbox.auditUrl}`];
}

/** Aborts at the first SIGINT or SIGTERM, at the end of `--for`, or when a parent that watches goes away. */
export function stopSignal(duration: string | undefined): AbortController {
  const stop = new AbortController();
  let asked = false;
  const onSignal = (): void => {
    if (asked) {
      process.stderr.write("Forced. The same command goes on where it was.\n");
      process.exit(130);
    }
    asked = true;
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  if (process.send !== undefined) {
    // Started by a shim on another Node: an engine must never outlive it unseen.
    process.on("disconnect", () => process.exit(1));
  }
  if (duration !== undefined) {
    const ms = durationMs(duration as Duration);
    if (ms <= 0)
      throw new HoldfastError(
        "HF-DURATION-INVALID",
        "Cannot run for no time at all: --for wants a duration such as 30s.",
      );
    setTimeout(() => {
      stop.abort();
    }, ms).unref();
  }
  return stop;
}
