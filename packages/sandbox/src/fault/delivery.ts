// How an event about to be delivered goes wrong: lost, sent again, sent late, sent behind later ones. Whoever
// delivers asks once for each event and receiver, and does what the plan says.

import type { DeliveryFacts } from "./facts.ts";
import type { Faults } from "./faults.ts";

/** One delivery of an event. */
export interface Delivery {
  /** Milliseconds of the venue's clock from now. */
  readonly delayMs: number;
  /** Behind so many later events of the same receiver; `delayMs` over, it goes in any case. 0: in its turn. */
  readonly behind: number;
  /** 0 for the event itself, from 1 for its copies. */
  readonly copy: number;
}

const AT_ONCE: Delivery = { delayMs: 0, behind: 0, copy: 0 };

/**
 * What becomes of an event: no delivery where it is lost, several where it is duplicated, in order of their
 * copies. Without a fault, one at once. Counts it: ask once for each event and receiver.
 *
 * @example
 * for (const { delayMs } of planDelivery(faults, event)) sendAfter(delayMs);
 */
export function planDelivery(faults: Faults, facts: DeliveryFacts): readonly Delivery[] {
  let plan: readonly Delivery[] = [AT_ONCE];
  for (const rule of faults.hitDelivery(facts)) {
    switch (rule.kind) {
      case "event-lose":
        return [];
      case "event-delay":
        plan = plan.map((one) => ({ ...one, delayMs: one.delayMs + rule.ms }));
        break;
      case "event-reorder":
        plan = plan.map((one) =>
          one.copy === 0
            ? { ...one, behind: Math.max(one.behind, rule.behind), delayMs: one.delayMs + rule.ms }
            : one,
        );
        break;
      case "event-duplicate": {
        const first = plan.length;
        const copies = Array.from({ length: rule.copies }, (_, index) => ({
          delayMs: (plan[0]?.delayMs ?? 0) + rule.ms * (index + 1),
          behind: 0,
          copy: first + index,
        }));
        plan = [...plan, ...copies];
        break;
      }
    }
  }
  return plan;
}

/** Events of one receiver that wait until others have passed them. */
export interface Passing<Event> {
  /** Takes an event in its turn; returns what is sent now, in order. */
  pass(event: Event, behind: number): readonly Event[];
  /** Takes one that waits out of the line when its time is over; false where it has gone already. */
  release(event: Event): boolean;
}

/** The line of one receiver: an event with `behind` waits until so many later ones have gone before it. */
export function createPassing<Event>(): Passing<Event> {
  let waiting: { readonly event: Event; readonly left: number }[] = [];
  return {
    pass(event, behind) {
      if (behind > 0) {
        waiting.push({ event, left: behind });
        return [];
      }
      const passed = waiting.map((one) => ({ ...one, left: one.left - 1 }));
      waiting = passed.filter(({ left }) => left > 0);
      return [event, ...passed.filter(({ left }) => left <= 0).map((one) => one.event)];
    },
    release(event) {
      const before = waiting.length;
      waiting = waiting.filter((one) => one.event !== event);
      return waiting.length < before;
    },
  };
}
