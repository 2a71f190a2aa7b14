// All streams of the venue: lets each send what happened, in order, when it has happened, and drops callers who
// have gone. It keeps nothing of its own: events lie in the file, prices come from the market.

import { STREAM_CLOSE } from "@holdfast/purpleflea/wire";
import type { WebSocket } from "ws";
import { type Wall, systemWall } from "../clock/wall.ts";
import { eventId } from "../command/identity.ts";
import type { Venue } from "../venue.ts";
import { type Caller, Connection, type Floor } from "./connection.ts";
import { DelayQueue } from "./delay.ts";
import type { Told } from "./event.ts";
import { MINUTE_MS, TICK_NUMBER, createFeed } from "./feed.ts";
import {
  IDLE_MS,
  STREAM_LIMITS,
  type StreamLimits,
  TICK_MS_DEFAULT,
  TICK_MS_MAX,
  TICK_MS_MIN,
  TICK_WALL_MS_MIN,
} from "./limits.ts";

/** One sending of an event: at once, or some milliseconds of the venue's clock later. */
export interface StreamDelivery {
  readonly event: Told;
  readonly afterMs?: number;
}

/**
 * What becomes of an event about to be sent to an agent: itself, once, unless something goes wrong. None loses
 * it, two double it, a delay lets later ones overtake.
 */
export type Deliver = (event: Told, agent: Caller) => readonly StreamDelivery[];

/** What may go wrong with streams themselves. */
export interface Strikes {
  /** A caller has connected. */
  opened(agent: Caller): void;
  /** How many of an agent's newest events are there for replay; undefined: all of the last minutes. */
  kept(agent: Caller): number | undefined;
}

export interface StreamOptions {
  /** Space between two ticks of a pair under a running clock, 100 to 500 ms of it. Default 250. */
  readonly tickMs?: number;
  readonly limits?: Partial<StreamLimits>;
  /** The machine's time. */
  readonly wall?: Wall;
}

export class StreamHub {
  readonly limits: StreamLimits;
  readonly #venue: Venue;
  readonly #tickMs: number;
  readonly #floor: Floor;
  readonly #connections = new Map<string, Connection>();
  readonly #delayed = new DelayQueue<Connection>();
  #deliver: Deliver | undefined;
  #strikes: Strikes | undefined;
  /** The instant until which everything has been told, or may be. */
  #head: number;
  /** Number of the last event that connections were told to look for. */
  #number = 0;
  #nextTick = 0;
  /** Whether anybody wants candles, or ticks. */
  #candles = false;
  #ticks = false;
  #leave: (() => void) | undefined;
  #isEnded = false;

  /** @throws RangeError where ticks are asked for faster or slower than they come */
  constructor(venue: Venue, options: StreamOptions = {}) {
    const { tickMs = TICK_MS_DEFAULT, wall = systemWall, limits } = options;
    if (!(tickMs >= TICK_MS_MIN && tickMs <= TICK_MS_MAX)) {
      throw new RangeError(`tickMs: expected ${TICK_MS_MIN} to ${TICK_MS_MAX}, not ${tickMs}`);
    }
    this.limits = { ...STREAM_LIMITS, ...limits };
    this.#venue = venue;
    this.#tickMs = tickMs;
    this.#head = venue.clock.now();
    this.#floor = {
      events: venue.events,
      feed: createFeed(venue.market),
      tickMs,
      wall,
      limits: this.limits,
      now: () => venue.clock.now(),
      settled: () => {
        const minute = Math.floor(this.#head / MINUTE_MS);
        const head = this.#settle();
        if (Math.floor(head / MINUTE_MS) > minute) this.#pullAll([]);
        return head;
      },
      head: () => this.#head,
      latest: () => this.#latest(),
      kept: (agent) => this.#strikes?.kept(agent),
      pass: (event, connection) => {
        this.#pass(event, connection);
      },
      changed: () => {
        this.#changed();
      },
    };
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Takes a caller's stream; an older one of the same agent ends. */
  connect(socket: WebSocket, agent: Caller): void {
    const older = this.#connections.get(agent.id);
    const connection = new Connection(socket, agent, this.#floor);
    this.#connections.set(agent.id, connection);
    older?.close(STREAM_CLOSE.replaced, "the agent has connected again");
    socket.on("close", () => {
      if (this.#connections.get(agent.id) === connection) this.#connections.delete(agent.id);
      // The venue's file may be closed already.
      if (this.#isEnded) return;
      this.#changed();
      this.#listen();
    });
    this.#listen();
    this.#strikes?.opened(agent);
  }

  /** Sets what may go wrong with streams themselves. */
  setStrikes(strikes: Strikes): void {
    this.#strikes = strikes;
  }

  /** Sets what becomes of events on their way; without one, each is sent once. */
  setDeliver(deliver: Deliver | undefined): void {
    this.#deliver = deliver;
  }

  /** Closes the stream of an agent, or all; returns how many. */
  close(agent: string | undefined, code: number, reason: string): number {
    return this.#each(agent, (connection) => {
      connection.close(code, reason);
    });
  }

  /** Cuts the line of an agent, or all, without a word. */
  cut(agent?: string): number {
    return this.#each(agent, (connection) => {
      connection.cut();
    });
  }

  /** Leaves the line of an agent, or all, half open: nothing goes out and nothing is heard, until it is ended. */
  silence(agent: string | undefined, isSilent: boolean): number {
    return this.#each(agent, (connection) => {
      connection.silence(isSilent);
    });
  }

  /** Ends all streams: the venue closes. */
  end(): void {
    this.#isEnded = true;
    this.#leave?.();
    this.#leave = undefined;
    this.cut();
  }

  #each(agent: string | undefined, work: (connection: Connection) => void): number {
    const meant = [...this.#connections.values()].filter(
      (one) => agent === undefined || one.agent.id === agent || one.agent.name === agent,
    );
    for (const connection of meant) work(connection);
    return meant.length;
  }

  /** While there are streams, the hub hears of events and is woken by the clock. */
  #listen(): void {
    if (this.#connections.size === 0) {
      this.#leave?.();
      this.#leave = undefined;
      return;
    }
    if (this.#leave !== undefined) return;
    const { clock } = this.#venue;
    this.#number = this.#venue.events.newest()?.number ?? 0;
    this.#head = Math.max(this.#head, this.#venue.events.newest()?.at ?? 0);
    const offEvents = this.#venue.onEvents(() => {
      this.#announced();
    });
    const offClock = clock.attach({
      next: (to) => this.#next(to),
      run: (at) => this.#run(at),
      arrive: (at) => this.#arrive(at),
    });
    this.#leave = () => {
      offEvents();
      offClock();
    };
  }

  #changed(): void {
    const open = [...this.#connections.values()];
    this.#candles = open.some((one) => one.wants("market.candle"));
    this.#ticks = open.some((one) => one.wants("market.tick"));
    this.#venue.clock.rearm();
  }

  /** Carries out what is due and returns the instant until which all of it has been told. */
  #settle(): number {
    const now = this.#venue.clock.now();
    this.#venue.settle();
    this.#head = Math.max(this.#head, now);
    return this.#head;
  }

  /** After everything of the past and before everything to come, ticks of this instant among it. */
  #latest(): string {
    const newest = this.#venue.events.newest()?.eventId ?? "";
    const here = eventId(this.#head, TICK_NUMBER - 1);
    return newest > here ? newest : here;
  }

  /** Events were committed: all that happened before the last of them is known. */
  #announced(): void {
    const { events, clock } = this.#venue;
    const newest = events.newest();
    if (newest === undefined) return;
    const agents = events.agentsAfter(this.#number);
    this.#number = newest.number;
    const minute = Math.floor(this.#head / MINUTE_MS);
    const isLater = newest.at > this.#head;
    this.#head = Math.max(this.#head, newest.at);
    const ticks =
      this.#ticks && isLater && clock.mode === "frozen" ? this.#floor.feed.ticks(newest.at) : [];
    const isMinute = Math.floor(this.#head / MINUTE_MS) > minute;
    const all = isMinute || ticks.length > 0;
    const meant = all
      ? [...this.#connections.values()]
      : agents.map((agent) => this.#connections.get(agent));
    for (const connection of meant) connection?.pullWith(ticks);
  }

  /** When there is something to do by the clock. */
  #next(to: number): number | undefined {
    const { clock } = this.#venue;
    const isFrozen = clock.mode === "frozen";
    let first = this.#delayed.next() ?? Infinity;
    if (this.#candles || (this.#ticks && isFrozen)) {
      first = Math.min(first, (Math.floor(this.#head / MINUTE_MS) + 1) * MINUTE_MS);
    }
    if (this.#ticks && !isFrozen) first = Math.min(first, this.#tickAt());
    for (const connection of this.#connections.values()) {
      first = Math.min(first, this.#idleAt(connection));
    }
    return first <= to ? first : undefined;
  }

  async #run(at: number): Promise<void> {
    const { clock } = this.#venue;
    const minute = Math.floor(this.#head / MINUTE_MS);
    this.#settle();
    const now = Math.max(at, this.#head);
    this.#pullAll(this.#dueTicks(now, Math.floor(now / MINUTE_MS) > minute));
    for (const { to, event } of this.#delayed.takeDue(at)) to.send(event);
    const asked = this.#dropIdle(at);
    if (clock.mode !== "frozen") return;
    await Promise.all(asked);
    await this.#idle();
  }

  /** A frozen clock stands where it was moved to: how the pairs stand there. */
  async #arrive(at: number): Promise<void> {
    const isLater = at > this.#head;
    this.#settle();
    this.#pullAll(this.#ticks && isLater ? this.#floor.feed.ticks(at) : []);
    for (const connection of this.#connections.values()) connection.isAsked = false;
    await this.#idle();
  }

  #dueTicks(now: number, isMinute: boolean): readonly Told[] {
    if (!this.#ticks) return [];
    const { clock } = this.#venue;
    if (clock.mode === "frozen") {
      return isMinute ? this.#floor.feed.ticks(Math.floor(now / MINUTE_MS) * MINUTE_MS) : [];
    }
    if (now < this.#tickAt()) return [];
    const space = Math.max(this.#tickMs, TICK_WALL_MS_MIN * clock.rate);
    this.#nextTick = Math.ceil((now + 1 + space - this.#tickMs) / this.#tickMs) * this.#tickMs;
    return this.#floor.feed.ticks(Math.floor(now / this.#tickMs) * this.#tickMs);
  }

  /** When the next ticks are due: they are told of whole multiples of their space. */
  #tickAt(): number {
    const { clock } = this.#venue;
    const now = clock.now();
    const space = Math.max(this.#tickMs, TICK_WALL_MS_MIN * clock.rate);
    // A clock that was set back, or runs slower now.
    if (this.#nextTick > now + 2 * space) {
      this.#nextTick = Math.ceil(now / this.#tickMs) * this.#tickMs;
    }
    return this.#nextTick;
  }

  #pullAll(ticks: readonly Told[]): void {
    for (const connection of this.#connections.values()) connection.pullWith(ticks);
  }

  async #idle(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.idle()));
  }

  /** When a caller from whom nothing comes is taken for gone. */
  #idleAt({ heardAt, isAsked, isOpen, isSilent }: Connection): number {
    const { clock } = this.#venue;
    if (!isOpen || isSilent) return Infinity;
    if (clock.mode === "frozen") return isAsked ? Infinity : heardAt + IDLE_MS;
    // A fast clock leaves nobody less time than a real one.
    return heardAt + IDLE_MS * Math.max(1, clock.rate);
  }

  /** A frozen clock that is moved asks first: who answers is there. */
  #dropIdle(at: number): readonly Promise<void>[] {
    const { clock } = this.#venue;
    const due = [...this.#connections.values()].filter((one) => this.#idleAt(one) <= at);
    return due.map(async (connection) => {
      if (clock.mode === "frozen") {
        connection.isAsked = true;
        if (await connection.answers(this.limits.answerMs)) return;
      }
      connection.close(STREAM_CLOSE.idle, "nothing came for 60 s");
    });
  }

  #pass(event: Told, connection: Connection): void {
    if (this.#deliver === undefined) {
      connection.send(event);
      return;
    }
    for (const { event: sent, afterMs = 0 } of this.#deliver(event, connection.agent)) {
      if (afterMs <= 0 || this.#delayed.size >= this.limits.delayed) connection.send(sent);
      else this.#delay(sent, afterMs, connection);
    }
  }

  #delay(event: Told, afterMs: number, to: Connection): void {
    const { clock } = this.#venue;
    this.#delayed.add({ at: clock.now() + afterMs, to, event });
    clock.rearm();
  }
}
