// The events of one history: numbered from one, each with its time, type and attributes.

import { instant } from "./payload.ts";

export interface TemporalEvent {
  readonly eventId: string;
  readonly eventTime: string;
  /** "EVENT_TYPE_TIMER_FIRED". */
  readonly eventType: string;
  /** One more field holds the attributes: `timerFiredEventAttributes`. */
  readonly [attributes: string]: unknown;
}

export class EventLog {
  readonly events: TemporalEvent[] = [];
  /** Time of the events that are added. */
  at = 0;

  /** Adds an event of a type such as "TimerFired"; gives its id. */
  add(type: string, attributes: Readonly<Record<string, unknown>>): string {
    const eventId = String(this.events.length + 1);
    const words = type.match(/[A-Z][a-z]+/gu) ?? [];
    this.events.push({
      eventId,
      eventTime: instant(this.at),
      eventType: `EVENT_TYPE_${words.join("_").toUpperCase()}`,
      [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventAttributes`]: attributes,
    });
    return eventId;
  }
}
