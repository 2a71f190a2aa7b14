// Quiet hours: what is not critical waits for their end.

import { nextDaily } from "@holdfast/core";
import type { Level } from "./notice.ts";

/** By the wall clock of a zone, each day; over midnight where `to` is the earlier one. */
export interface QuietHours {
  /** Time of day, such as "22:00". */
  readonly from: string;
  readonly to: string;
  /** IANA name, such as "Europe/Berlin". */
  readonly zone: string;
}

/**
 * When something of this level may be told: now, or at the end of the quiet hours that are on.
 *
 * @throws HF-CALENDAR-INVALID
 */
export function toldAt(quiet: QuietHours | undefined, level: Level, now: number): number {
  if (quiet === undefined || level === "critical" || quiet.from === quiet.to) return now;
  const end = nextDaily(quiet.to, quiet.zone, now);
  // What begins again before it ends has not begun.
  return end < nextDaily(quiet.from, quiet.zone, now) ? end : now;
}
