// What both views share: how they are opened, and how they wait. With the command line the only part of the
// package that waits by the machine's clock.

import type { Host } from "../host/host.ts";
import type { LogLine } from "../host/log.ts";

export interface WatchOptions {
  readonly host: Host;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly output: NodeJS.WriteStream;
  /** Log lines as they come. */
  readonly onLog: (listener: (line: LogLine) => void) => void;
}

/** Waits, but not beyond the end of the watch. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
