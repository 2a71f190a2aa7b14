// What the venue does by itself at instants that it has set itself: a function for each kind of timer.

import { escrowTimers } from "../escrow/timers.ts";
import { jobTimers } from "../job/timers.ts";
import { domainDue } from "../domain/due.ts";
import { DOMAIN_TIMER } from "../domain/pay.ts";
import { fillCancelled } from "../trade/late-fill.ts";
import type { OwnContext } from "./context.ts";
import type { Journal } from "./journal.ts";

export type TimerHandler = (subject: string, own: OwnContext, journal: Journal) => void;

export type TimerKind =
  | keyof typeof escrowTimers
  | keyof typeof jobTimers
  | typeof DOMAIN_TIMER
  | "late-fill";

/** By kind; the subject is the id of what the timer is about. */
export const TIMERS: Readonly<Record<TimerKind, TimerHandler>> = {
  ...escrowTimers,
  ...jobTimers,
  [DOMAIN_TIMER]: domainDue,
  "late-fill": fillCancelled,
};
