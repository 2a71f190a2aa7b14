// Reads what happened for one agent in the order of ids: what was kept, and what is made when somebody listens.
// It holds a place, not a list: what a caller has not taken yet costs nothing.

import { matchesTopic } from "@holdfast/purpleflea/wire";
import { eventId } from "../command/identity.ts";
import type { EventTable, KeptEvent } from "../store/event-table.ts";
import { type Told, instantOf } from "./event.ts";
import { CANDLE_NUMBER, type Feed, MINUTE_MS, TICK_NUMBER } from "./feed.ts";
import { SLICE } from "./limits.ts";

/** Events of all pairs at instants that are equally far apart. */
class Series {
  readonly stepMs: number;
  readonly #first: number;
  readonly #pairs: number;
  #at = 0;
  #index = 0;

  constructor(stepMs: number, first: number, pairs: number) {
    this.stepMs = stepMs;
    this.#first = first;
    this.#pairs = pairs;
  }

  get next(): { readonly id: string; readonly at: number; readonly index: number } {
    return { id: eventId(this.#at, this.#first + this.#index), at: this.#at, index: this.#index };
  }

  /** Goes to the first one after an id. */
  seek(id: string): void {
    this.#at = Math.floor((instantOf(id) ?? 0) / this.stepMs) * this.stepMs;
    this.#index = 0;
    while (this.next.id <= id) this.step();
  }

  step(): void {
    this.#index += 1;
    if (this.#index < this.#pairs) return;
    this.#index = 0;
    this.#at += this.stepMs;
  }

  /** How many there are until an instant, from here. */
  countUntil(instant: number): number {
    if (this.#at > instant) return 0;
    const instants = Math.floor((instant - this.#at) / this.stepMs) + 1;
    return instants * this.#pairs - this.#index;
  }
}

export interface ReaderParts {
  readonly events: EventTable;
  readonly feed: Feed;
  readonly agent: string;
  readonly tickMs: number;
}

export interface Wanted {
  readonly topics: ReadonlySet<string>;
  /** Ticks of the past are told until this instant. */
  readonly ticksUntil: number;
}

/** Where a reading ended. */
export interface Slice {
  readonly events: readonly Told[];
  /** Nothing more until the head. */
  readonly done: boolean;
}

export class Reader {
  readonly #parts: ReaderParts;
  readonly #candles: Series;
  readonly #ticks: Series;
  #number: number;
  #cursor: string;

  /** Begins after an id. */
  constructor(parts: ReaderParts, cursor: string) {
    const { events, feed, tickMs } = parts;
    this.#parts = parts;
    this.#cursor = cursor;
    this.#number = events.numberAt(cursor);
    this.#candles = new Series(MINUTE_MS, CANDLE_NUMBER, feed.pairs);
    this.#ticks = new Series(tickMs, TICK_NUMBER, feed.pairs);
    this.#candles.seek(cursor);
    this.#ticks.seek(cursor);
  }

  /** How many events there are until the head. */
  count(head: number, wanted: Wanted): number {
    const { events, agent } = this.#parts;
    let sum = 0;
    for (const [type, count] of events.countsOf(agent, this.#number)) {
      if (isWanted(type, wanted)) sum += count;
    }
    if (isWanted("market.candle", wanted)) sum += this.#candles.countUntil(head);
    if (isWanted("market.tick", wanted)) {
      sum += this.#ticks.countUntil(Math.min(head, wanted.ticksUntil));
    }
    return sum;
  }

  /** The next events until the head, a slice of them at most. */
  take(head: number, wanted: Wanted): Slice {
    const { events, agent, feed } = this.#parts;
    const rows = events.ofAgent(agent, this.#number, SLICE);
    const made = this.#series(head, wanted);
    const taken: Told[] = [];
    let row = 0;
    while (taken.length < SLICE) {
      const kept = rows[row];
      if (kept === undefined && rows.length === SLICE) break;
      const first = soonest(made, head, wanted);
      if (first !== undefined && (kept === undefined || first.next.id < kept.eventId)) {
        const { index, at } = first.next;
        const told = first === this.#candles ? feed.candle(index, at) : feed.tick(index, at);
        first.step();
        taken.push(this.#passed(told));
      } else if (kept === undefined) {
        if (!isWanted("market.candle", wanted)) this.#candles.seek(eventId(head, TICK_NUMBER));
        return { events: taken, done: true };
      } else {
        row += 1;
        this.#number = kept.number;
        if (isWanted(kept.type, wanted)) taken.push(this.#passed(kept));
      }
    }
    return { events: taken, done: false };
  }

  /** The last id that was taken, or where the reading began. */
  get cursor(): string {
    return this.#cursor;
  }

  #passed<Event extends Told | KeptEvent>(event: Event): Event {
    this.#cursor = event.eventId;
    return event;
  }

  #series(head: number, wanted: Wanted): readonly Series[] {
    const made: Series[] = [];
    if (isWanted("market.candle", wanted)) made.push(this.#candles);
    if (isWanted("market.tick", wanted) && this.#ticks.next.at <= Math.min(head, wanted.ticksUntil))
      made.push(this.#ticks);
    return made;
  }
}

/** The series whose next event comes first; undefined where none has one until the head. */
function soonest(made: readonly Series[], head: number, wanted: Wanted): Series | undefined {
  let found: Series | undefined;
  for (const series of made) {
    const last = series.stepMs === MINUTE_MS ? head : Math.min(head, wanted.ticksUntil);
    const { at, id } = series.next;
    if (at <= last && (found === undefined || id < found.next.id)) found = series;
  }
  return found;
}

export function isWanted(type: string, { topics }: Pick<Wanted, "topics">): boolean {
  for (const topic of topics) if (matchesTopic(topic, type)) return true;
  return false;
}
