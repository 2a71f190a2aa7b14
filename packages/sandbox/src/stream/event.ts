// An event on its way, and the place of an id in time.

import { EVENT_ID } from "@holdfast/purpleflea/wire";
import type { Sent } from "../command/envelope.ts";

/** An event to be told. */
export type Told = Sent;

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
