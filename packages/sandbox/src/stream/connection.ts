// One caller's stream: takes his frames, and sends him what the reader has, no faster than he reads. Memory is
// bounded: what he has not read waits in the file.

import {
  EVENT_ID,
  STREAM_CLOSE,
  STREAM_TOPICS_MAX,
  type StreamNotice,
} from "@holdfast/purpleflea/wire";
import type { WebSocket } from "ws";
import { envelope } from "../command/envelope.ts";
import type { EventTable } from "../store/event-table.ts";
import { type Wall, nextTurn } from "../clock/wall.ts";
import { eventId } from "../command/identity.ts";
import { EVENT_NUMBERS_RESERVED } from "../command/teller.ts";
import type { Told } from "./event.ts";
import { BUFFER_MS, type StreamLimits } from "./limits.ts";
import { Rate } from "./rate.ts";
import { Reader, type ReaderParts, type Wanted, isWanted } from "./reader.ts";
import { type SubscribeFrame, readFrame } from "./frame.ts";

/** What a connection needs of the hub. */
export interface Floor extends Omit<ReaderParts, "agent"> {
  readonly wall: Wall;
  readonly limits: StreamLimits;
  /** The venue's time. */
  now(): number;
  /** Carries out what has fallen due, and gives the instant until which everything has been told. */
  settled(): number;
  /** The instant until which everything may be told. */
  head(): number;
  /** The id after everything that has been told, and before everything to come. */
  latest(): string;
  /** How many of an agent's newest events are there for replay; undefined: all of the last minutes. */
  kept(agent: Caller): number | undefined;
  /** What is made of an event on its way; absent where nothing disturbs it. */
  pass(event: Told, connection: Connection): void;
  /** What the connection wants has changed. */
  changed(): void;
}

export interface Caller {
  readonly id: string;
  readonly name: string;
}

const OPEN = 1;
/** Events of five minutes that are looked at to find the oldest of those that are kept. */
const REPLAYED_MAX = 100_000;

export class Connection {
  readonly agent: Caller;
  /** When something came from the caller, on the venue's clock. */
  heardAt: number;
  /** Whether a frozen clock has asked, on its present way, if the caller is still there. */
  isAsked = false;
  /** Half open, by a fault. */
  isSilent = false;
  readonly #socket: WebSocket;
  readonly #floor: Floor;
  readonly #frames: Rate;
  readonly #subscribes: Rate;
  readonly #topics = new Set<string>();
  #ticksUntil = 0;
  #reader: Reader | undefined;
  #ticks: readonly Told[] = [];
  /** Read, and not sent yet: a slice at most. */
  readonly #pending: Told[] = [];
  /** The greatest id that was sent. */
  #told = "";
  /** True while what was sent waits for the caller. */
  #isFull = false;
  #isPulling = false;
  #isCaughtUp = true;
  #cancelSlow: (() => void) | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly #listening: (() => void)[] = [];

  constructor(socket: WebSocket, agent: Caller, floor: Floor) {
    const { wall, limits } = floor;
    this.agent = agent;
    this.heardAt = floor.now();
    this.#socket = socket;
    this.#floor = floor;
    this.#frames = new Rate(wall, limits.framesPerMinute);
    this.#subscribes = new Rate(wall, limits.subscribesPerMinute);
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (this.#hear()) this.#obey(isBinary ? undefined : data.toString());
    });
    socket.on("ping", (data: Buffer) => {
      if (this.#hear()) socket.pong(data);
    });
    socket.on("pong", () => {
      this.#hear();
    });
    // What is wrong with a frame has closed the connection already.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#release();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  wants(type: string): boolean {
    return this.#reader !== undefined && isWanted(type, { topics: this.#topics });
  }

  /** Sends what there is until the head, as far as the caller reads. */
  pull(): void {
    if (this.#reader === undefined || this.isSilent) return;
    this.#isCaughtUp = false;
    if (!this.#isPulling) void this.#pullOn(this.#reader);
  }

  /** Ticks of an instant: told in their place, or left out where the caller does not keep up. */
  pullWith(ticks: readonly Told[]): void {
    if (ticks.length > 0 && this.wants("market.tick") && !this.#isFull) this.#ticks = ticks;
    this.pull();
  }

  /** Nothing is to be sent, nothing waits, or there is nobody to wait for. */
  get #isAtRest(): boolean {
    return !this.isOpen || this.isSilent || (this.#isCaughtUp && !this.#isFull);
  }

  /** Resolves when all until the head has left for the caller, or the connection has ended. */
  async idle(): Promise<void> {
    if (this.#isAtRest) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  /** Resolves when the caller is heard, with true, or has not been for some milliseconds of the machine's time. */
  async answers(withinMs: number): Promise<boolean> {
    if (!this.isOpen) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#floor.wall.after(withinMs, () => {
      resolve(false);
    });
    this.#listening.push(() => {
      resolve(true);
    });
    if (!this.isSilent) this.#socket.ping();
    const heard = await promise;
    cancel();
    return heard;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // Who does not read does not answer either: his line is cut when he has had his time.
    const cancel = this.#floor.wall.after(this.#floor.limits.answerMs, () => {
      this.#socket.terminate();
    });
    this.#socket.once("close", cancel);
    this.#release();
  }

  /** Cuts the line: no code, no reason. */
  cut(): void {
    this.#socket.terminate();
  }

  /** Half open: the line stands, but nothing goes out and nothing is heard. */
  silence(isSilent: boolean): void {
    this.isSilent = isSilent;
    if (!isSilent) this.pull();
    else this.#release();
  }

  /** Sends an event's frame as it is. */
  send(event: Told): void {
    if (!this.isOpen || this.isSilent) return;
    if (event.eventId > this.#told) this.#told = event.eventId;
    this.#write(envelope(event, this.agent.id));
  }

  async #pullOn(reader: Reader): Promise<void> {
    this.#isPulling = true;
    while (this.isOpen && !this.#isFull && !this.isSilent) {
      const { events, done } = reader.take(this.#floor.head(), this.#wanted());
      this.#pending.push(...events);
      if (!this.#passPending()) break;
      if (done) {
        this.#sendTicks();
        this.#isCaughtUp = true;
        break;
      }
      // Others have their turn, and the socket writes.
      await nextTurn();
    }
    this.#isPulling = false;
    if (this.#isAtRest) this.#release();
  }

  /** False where the line has ended, or fallen silent: what is left waits for it to speak again. */
  #passPending(): boolean {
    for (;;) {
      if (!this.isOpen || this.isSilent) return false;
      const event = this.#pending.shift();
      if (event === undefined) return true;
      this.#sendTicks(event.eventId);
      this.#floor.pass(event, this);
    }
  }

  /** Ticks whose ids are before another one's, unless a later event has been told already. */
  #sendTicks(before?: string): void {
    if (this.#ticks.length === 0) return;
    if (before !== undefined && (this.#ticks[0]?.eventId ?? "") > before) return;
    const ticks = this.#ticks;
    this.#ticks = [];
    for (const tick of ticks) {
      if (tick.eventId > this.#told) this.#floor.pass(tick, this);
    }
  }

  #wanted(): Wanted {
    return { topics: this.#topics, ticksUntil: this.#ticksUntil };
  }

  #write(text: string): void {
    const { waitingBytes, slowMs } = this.#floor.limits;
    const fills = !this.#isFull && this.#socket.bufferedAmount + text.length > waitingBytes;
    if (!fills) {
      this.#socket.send(text);
      return;
    }
    this.#isFull = true;
    this.#socket.send(text, () => {
      this.#cancelSlow?.();
      this.#cancelSlow = undefined;
      this.#isFull = false;
      this.pull();
      if (this.#isAtRest) this.#release();
    });
    this.#cancelSlow = this.#floor.wall.after(slowMs, () => {
      this.close(STREAM_CLOSE.slow, "what was sent is not read");
    });
  }

  #notify(notice: StreamNotice): void {
    if (this.isOpen && !this.isSilent) this.#write(JSON.stringify(notice));
  }

  #fail(code: string, message: string): void {
    this.#notify({ type: "error", code, message });
  }

  /** Whether what came is to be looked at. */
  #hear(): boolean {
    if (this.isSilent || !this.isOpen) return false;
    this.heardAt = this.#floor.now();
    for (const heard of this.#listening.splice(0)) heard();
    if (this.#frames.take()) return true;
    this.close(STREAM_CLOSE.tooMany, "too many frames in a minute");
    return false;
  }

  #obey(text: string | undefined): void {
    const frame = readFrame(text);
    switch (frame.action) {
      case "error":
        this.#fail(frame.code, frame.message);
        break;
      case "ping":
        this.#notify({ type: "pong", ts: this.#floor.now() });
        break;
      case "unsubscribe":
        for (const topic of frame.topics) this.#topics.delete(topic);
        this.#notify({ type: "unsubscribed", topics: [...this.#topics] });
        this.#floor.changed();
        break;
      case "subscribe":
        if (this.#subscribes.take()) this.#subscribe(frame);
        else this.close(STREAM_CLOSE.tooMany, "too many subscriptions in a minute");
    }
  }

  #subscribe({ resumeFrom, topics, replayTicks = false }: SubscribeFrame): void {
    const requested = resumeFrom ?? "";
    const isFirst = this.#reader === undefined;
    const wrong = this.#wrongWith(requested, topics);
    if (wrong !== undefined) {
      this.#fail(...wrong);
      return;
    }
    const { events, feed, tickMs } = this.#floor;
    const head = this.#floor.settled();
    const kept = requested === "" ? undefined : this.#floor.kept(this.agent);
    const oldest = oldestOf(head, kept, this.agent.id, events);
    const place = placeOf(requested, { head, latest: this.#floor.latest(), oldest });
    for (const topic of topics) this.#topics.add(topic);
    const parts = { events, feed, tickMs, agent: this.agent.id };
    const reader = (this.#reader ??= new Reader(parts, place.from));
    if (isFirst && replayTicks) this.#ticksUntil = head;
    this.#notify({
      type: "subscribed",
      resumeFrom: isFirst ? place.from : reader.cursor,
      replayed: isFirst ? reader.count(head, this.#wanted()) : 0,
      oldest: place.oldest,
      topics: [...this.#topics],
    });
    if (place.isLost) this.#notify({ type: "gap", requested, oldest: place.oldest });
    this.#floor.changed();
    // How each pair stands, where the ticks of the past are not told.
    const ticks = isWanted("market.tick", { topics: new Set(topics) }) && !replayTicks;
    this.pullWith(ticks ? feed.ticks(head) : []);
  }

  #wrongWith(
    requested: string,
    topics: readonly string[],
  ): readonly [code: string, message: string] | undefined {
    if (requested !== "" && this.#reader !== undefined) {
      return ["already_resumed", "Only the first subscription of a stream may resume."];
    }
    if (requested !== "" && !EVENT_ID.test(requested)) {
      return ["invalid_cursor", "resumeFrom: expected the id of an event, or nothing"];
    }
    if (new Set([...this.#topics, ...topics]).size > STREAM_TOPICS_MAX) {
      return ["too_many_topics", `A stream has at most ${STREAM_TOPICS_MAX} topics.`];
    }
    return undefined;
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
    if (this.isOpen) return;
    for (const heard of this.#listening.splice(0)) heard();
    this.#cancelSlow?.();
    this.#cancelSlow = undefined;
  }
}

interface Place {
  /** What comes after this id is told. */
  readonly from: string;
  readonly oldest: string;
  /** Whether what came after the id that was asked for can no longer be told. */
  readonly isLost: boolean;
}

/** The id after which everything is there for replay: that of five minutes ago, or of fewer events. */
function oldestOf(
  head: number,
  kept: number | undefined,
  agent: string,
  events: EventTable,
): string {
  const oldest = eventId(Math.max(0, head - BUFFER_MS), 0);
  if (kept === undefined) return oldest;
  const all = events.ofAgent(agent, events.numberAt(oldest), REPLAYED_MAX);
  return all.at(-kept - 1)?.eventId ?? oldest;
}

interface Times {
  readonly head: number;
  readonly latest: string;
  readonly oldest: string;
}

function placeOf(requested: string, { head, latest, oldest }: Times): Place {
  if (requested === "") return { from: latest, oldest, isLost: false };
  // An id that is still to come is none of this venue's past: its file was set back, or it is another one.
  const ticks = eventId(head, EVENT_NUMBERS_RESERVED - 1);
  const isLost = requested < oldest || (requested > latest && requested > ticks);
  return { from: isLost ? oldest : requested, oldest, isLost };
}
