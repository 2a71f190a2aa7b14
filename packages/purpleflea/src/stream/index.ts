// The event stream of the venue, for Node: beside the client's main entry, so that a browser's bundle stays
// without it.

export { type EventStream, type StreamOptions, type StreamState, subscribe } from "./subscribe.ts";
export type { GapItem, OtherItem, StreamItem, VenueEvent } from "./item.ts";
export type { PriceSource } from "./fill.ts";
