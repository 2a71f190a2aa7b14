// Log lines of the host, kept for the terminal and written where the caller wants them. Secrets never come
// here: they are never part of a message or a field.

import type { Log, LogFields } from "@holdfast/core";

export interface LogLine {
  readonly at: number;
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export function createLog(now: () => number, write: (line: LogLine) => void): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      write({ at: now(), level, message, fields });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
