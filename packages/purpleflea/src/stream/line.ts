// One connection to the venue's stream: says what is wanted, asks whether the other side is still there, and
// hands on what comes. It ends once, with a reason, and never begins again.

import type { Clock, TimerHandle } from "@holdfast/core";
import { WebSocket } from "ws";
import { EventEnvelope, StreamNotice } from "../wire/index.ts";

/** How often the other side is asked, and how long it may take to answer, in milliseconds. */
export const PING_MS = 20_000;
export const ANSWER_MS = 10_000;

export interface LineOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is said first, as JSON. */
  readonly subscription: string;
  readonly clock: Clock;
  readonly pingMs: number;
  readonly answerMs: number;
  readonly onEvent: (event: EventEnvelope) => void;
  readonly onNotice: (notice: StreamNotice) => void;
  /** Once, at the end: a close code, or 1006 where the line broke. */
  readonly onEnd: (end: LineEnd) => void;
}

export interface LineEnd {
  readonly code: number;
  readonly reason: string;
  /** The HTTP status with which the venue refused to begin. */
  readonly status?: number;
}

const BROKEN = 1_006;
const LEAVING = 1_000;

export class Line {
  readonly #options: LineOptions;
  readonly #socket: WebSocket;
  #timer: TimerHandle | undefined;
  #isEnded = false;
  #isPaused = false;

  constructor(options: LineOptions) {
    this.#options = options;
    const { url, headers, answerMs } = options;
    const socket = new WebSocket(url, {
      headers,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    this.#expect(answerMs, "no answer to the subscription");
    socket.on("open", () => {
      socket.send(options.subscription);
    });
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.#read(isBinary ? "" : data.toString());
    });
    socket.on("pong", () => {
      this.#rest();
    });
    socket.on("unexpected-response", (_request, response) => {
      response.destroy();
      const status = response.statusCode ?? 0;
      this.#end({ code: BROKEN, reason: `HTTP ${status}`, status });
    });
    socket.on("error", (error) => {
      this.#end({ code: BROKEN, reason: error.message });
    });
    socket.on("close", (code, reason) => {
      this.#end({ code, reason: reason.toString() });
    });
  }

  /** Reads no more until it is resumed: the venue keeps what follows. */
  pause(): void {
    if (this.#isPaused || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Leaves; `onEnd` is not called. */
  leave(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#timer?.cancel();
    this.resume();
    this.#socket.close(LEAVING);
    const { clock, answerMs } = this.#options;
    const timer = clock.setTimer(clock.now() + answerMs, () => {
      this.#socket.terminate();
    });
    this.#socket.once("close", () => {
      timer.cancel();
    });
  }

  #read(text: string): void {
    if (this.#isEnded) return;
    const value = parse(text);
    if (typeof value !== "object" || value === null) {
      this.#end({ code: BROKEN, reason: "a frame that is no JSON" });
      return;
    }
    const event = "eventId" in value ? EventEnvelope.safeParse(value) : undefined;
    if (event?.success === true) {
      this.#options.onEvent(event.data);
      return;
    }
    // A notice of a kind that this version does not know is passed over.
    const notice = StreamNotice.safeParse(value);
    if (!notice.success) return;
    if (notice.data.type === "subscribed") this.#rest();
    this.#options.onNotice(notice.data);
  }

  /** The other side is there: it is asked again after a while. */
  #rest(): void {
    if (this.#isEnded) return;
    const { clock, pingMs, answerMs } = this.#options;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(clock.now() + pingMs, () => {
      this.#socket.ping();
      this.#expect(answerMs, "no answer to a ping");
    });
  }

  /** Ends the line where nothing comes until then; a line that is paused hears nothing and is only asked. */
  #expect(withinMs: number, reason: string): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(clock.now() + withinMs, () => {
      if (this.#isPaused) this.#rest();
      else this.#end({ code: BROKEN, reason });
    });
  }

  #end(end: LineEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#timer?.cancel();
    this.#socket.terminate();
    this.#options.onEnd(end);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
