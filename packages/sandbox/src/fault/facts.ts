// What events and connections are, as far as faults care.

import type { Channel } from "./match.ts";
import type { StreamRule } from "./rule.ts";

/** An event about to be delivered. */
export interface DeliveryFacts {
  readonly channel: Channel;
  readonly agent: { readonly id: string; readonly name: string };
  /** "trade.opened". */
  readonly type: string;
  readonly eventId: string;
  /** On the venue's clock. */
  readonly at: number;
  /** Of a webhook: which try this is, from 1. */
  readonly attempt?: number;
}

/** A connection has been opened; a message is about to leave; a consumer asks for what it has missed. */
export type StreamMoment = "open" | "send" | "resume";

export interface ConnectionFacts {
  readonly moment: StreamMoment;
  readonly agent: { readonly id: string; readonly name: string };
  /** On the venue's clock. */
  readonly at: number;
}

/** What is asked of the faults: the kinds that strike at this moment. */
export interface StreamFacts extends ConnectionFacts {
  readonly kinds: readonly StreamRule["kind"][];
}
