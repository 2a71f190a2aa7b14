// What the venue works with when nobody asks: it settles what has fallen due in the same transaction, before
// anything that happens later, so that the outcome does not depend on when somebody looks.

import { nextMarketDue, settleDue } from "../trade/due.ts";
import type { OwnContext } from "./context.ts";
import type { Journal } from "./journal.ts";
import { TIMERS, type TimerKind } from "./timers.ts";

/** Carries out what fell due after one instant and not after another: the market's first, then timers. */
export function settleOwn(own: OwnContext, from: number, to: number, journal: Journal): void {
  const { timers } = own.store;
  let done = from;
  for (;;) {
    const timer = timers.next();
    if (timer === undefined || timer.at > to) break;
    const at = Math.max(done, timer.at);
    settleDue(own, done, at, journal);
    timers.remove(timer.id);
    const deeds = journal.fired.count();
    TIMERS[timer.kind as TimerKind](timer.subject, { ...own, at }, journal);
    if (journal.fired.count() === deeds) {
      journal.fired.note({ kind: timer.kind, at, subject: timer.subject });
    }
    done = at;
  }
  settleDue(own, done, to, journal);
}

/** The next instant, at most `to`, at which something falls due by itself. */
export function nextDue(own: OwnContext, settled: number, to: number): number | undefined {
  const market = nextMarketDue(own, Math.min(settled, own.at), to) ?? Infinity;
  const timer = own.store.timers.next()?.at ?? Infinity;
  const next = Math.min(market, timer);
  return next <= to ? next : undefined;
}
