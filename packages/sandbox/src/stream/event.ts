// An event on its way, its text on the wire, and the place of an id in time.

import { EVENT_ID } from "@holdfast/purpleflea/wire";

/** An event to be told; its payload is JSON already, since many may be told the same. */
export interface Told {
  readonly eventId: string;
  readonly type: string;
  readonly payload: string;
  readonly at: number;
}

/** The frame of an event. */
export function frameOf({ eventId, type, payload, at }: Told, agent: string): string {
  return `{"eventId":"${eventId}","type":${JSON.stringify(type)},"agentId":${JSON.stringify(agent)},"payload":${payload},"ts":${at}}`;
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_DIGITS = 10;

/** The instant in an event's id; undefined where it is none. */
export function instantOf(eventId: string): number | undefined {
  if (!EVENT_ID.test(eventId)) return undefined;
  let instant = 0;
  for (const digit of eventId.slice(0, TIME_DIGITS)) {
    instant = instant * CROCKFORD.length + CROCKFORD.indexOf(digit);
  }
  return instant;
}
