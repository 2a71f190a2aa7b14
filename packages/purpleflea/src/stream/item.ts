// What a stream gives its reader: events of known types with their payloads read by schema, events of other
// types as they are, and gaps.

import {
  type EventEnvelope,
  EVENTS,
  type EventPayload,
  type EventType,
  isEventType,
} from "../wire/index.ts";

/** An event of the catalogue. */
export type VenueEvent = {
  readonly [Type in EventType]: {
    readonly kind: "event";
    readonly eventId: string;
    readonly type: Type;
    readonly agentId: string | undefined;
    readonly payload: EventPayload<Type>;
    /** Milliseconds since the epoch, on the venue's clock. */
    readonly ts: number;
  };
}[EventType];

/** An event of a type that this version does not know, or whose payload is not what its type says. */
export interface OtherItem {
  readonly kind: "other";
  readonly eventId: string;
  readonly type: string;
  readonly agentId: string | undefined;
  readonly payload: unknown;
  readonly ts: number;
  /** What is wrong with the payload of a known type. */
  readonly problem?: string;
}

/** Events between the two are lost to the stream: ask the venue how things stand. */
export interface GapItem {
  readonly kind: "gap";
  /** The last event that was seen. */
  readonly requested: string;
  /** Events from this id on follow. */
  readonly oldest: string;
}

export type StreamItem = VenueEvent | OtherItem | GapItem;

/** Reads an event by the schema of its type. */
export function itemOf({
  eventId,
  type,
  agentId,
  payload,
  ts,
}: EventEnvelope): VenueEvent | OtherItem {
  const envelope = { eventId, agentId, ts };
  if (!isEventType(type)) return { kind: "other", ...envelope, type, payload };
  const parsed = EVENTS[type].payload.safeParse(payload);
  if (parsed.success) {
    return { kind: "event", ...envelope, type, payload: parsed.data } as VenueEvent;
  }
  const [issue] = parsed.error.issues;
  const problem = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}`;
  return { kind: "other", ...envelope, type, payload, problem };
}
