// What the venue does by itself at instants that it has set itself: a function for each kind of timer.

import { fillCancelled } from "../trade/late-fill.ts";
import type { OwnContext } from "./context.ts";
import type { Journal } from "./journal.ts";

export type TimerHandler = (subject: string, own: OwnContext, journal: Journal) => void;

export type TimerKind = "late-fill";

/** By kind; the subject is the id of what the timer is about. */
export const TIMERS: Readonly<Record<TimerKind, TimerHandler>> = {
  "late-fill": fillCancelled,
};
