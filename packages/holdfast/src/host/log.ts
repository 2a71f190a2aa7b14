// Log lines of the host, for whoever listens; before somebody does, they wait. Secrets never come here: they
// are never part of a message or a field.

import type { Log, LogFields } from "@holdfast/core";

export interface LogLine {
  readonly at: number;
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface News {
  readonly log: Log;
  /** Gives the listener the lines that wait, and then each as it comes. */
  readonly subscribe: (listener: (line: LogLine) => void) => void;
}

/** Lines that wait for a listener, at most. */
const WAITING_MAX = 1_000;
/** The same message is told again after so long at the earliest: a full disk would say it each second. */
const AGAIN_MS = 30_000;
/** Messages remembered for that, at most. */
const REMEMBERED_MAX = 200;

export function createLog(now: () => number): News {
  const waiting: LogLine[] = [];
  const listeners: ((line: LogLine) => void)[] = [];
  const toldAt = new Map<string, number>();
  const isRepeated = (message: string, at: number): boolean => {
    const last = toldAt.get(message);
    if (last !== undefined && at - last < AGAIN_MS) return true;
    if (toldAt.size >= REMEMBERED_MAX) toldAt.clear();
    toldAt.set(message, at);
    return false;
  };
  const at =
    (level: keyof Log) =>
    (message: string, fields?: LogFields): void => {
      const line: LogLine = { at: now(), level, message, fields };
      if (isRepeated(message, line.at)) return;
      if (listeners.length === 0 && waiting.length < WAITING_MAX) waiting.push(line);
      for (const listener of listeners) listener(line);
    };
  return {
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    subscribe(listener) {
      listeners.push(listener);
      for (const line of waiting.splice(0)) listener(line);
    },
  };
}
