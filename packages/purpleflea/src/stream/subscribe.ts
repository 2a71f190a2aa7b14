// The event stream as one reader sees it: one event after another, each once, across lost connections. His place
// moves when he has finished an event, not when it comes.

import type { Clock, Random, TimerHandle } from "@holdfast/core";
import { systemClock, systemRandom } from "../clock/system.ts";
import { type ApiKey, findKey } from "../client/api-key.ts";
import { type VenueProfile, paperProfile } from "../profile.ts";
import {
  type EventEnvelope,
  type StreamNotice,
  StreamRequest,
  matchesTopic,
} from "../wire/index.ts";
import { waitAfter } from "./backoff.ts";
import { closeFailure, refusedFailure, unsupportedFailure } from "./failure.ts";
import { FILL_PREFIX, type PriceSource, ticksOf } from "./fill.ts";
import { Inbox } from "./inbox.ts";
import { type StreamItem, itemOf } from "./item.ts";
import { ANSWER_MS, Line, type LineEnd, PING_MS } from "./line.ts";
import { Seen } from "./seen.ts";

/** Items that wait for their reader before the line is paused. */
const WAITING_MAX = 256;
/** Ids that are remembered, so that what comes twice is given once. */
const SEEN_MAX = 10_000;
/** How often prices are asked for while the stream is down, in milliseconds. */
const FILL_MS = 60_000;

export interface StreamOptions {
  /** As of the client: "http://127.0.0.1:4100". */
  readonly baseUrl: string;
  readonly apiKey: ApiKey;
  /** Refused by the venue where it is not the key's. */
  readonly agentId?: string;
  /** Default: the paper venue's. */
  readonly profile?: VenueProfile;
  /** Live keys are refused unless this says "live". Default "paper". */
  readonly mode?: "paper" | "live";
  /** The last event that was finished. Default: from now on. */
  readonly cursor?: string;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  /** At a resumption, ticks of the time in between, too. Default false: one of each pair. */
  readonly replayTicks?: boolean;
  /** When an event was finished: where a later stream may go on. */
  readonly onCursor?: (cursor: string) => void;
  readonly onState?: (state: StreamState, reason: string) => void;
  /** Prices that stand in for ticks while the stream is down, asked for every 60 s, as `(mark) => client.market.prices(mark)`. */
  readonly prices?: PriceSource;
  /** Default 256. */
  readonly waitingMax?: number;
  /** Time between two pings and time for an answer, in milliseconds. Default 20 s and 10 s. */
  readonly pingMs?: number;
  readonly answerMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** "waiting": for the next try. */
export type StreamState = "connecting" | "open" | "waiting" | "ended";

export interface EventStream extends AsyncIterableIterator<StreamItem, undefined>, AsyncDisposable {
  /** What leaving a loop does: ends the stream, and leaves the item that was at hand unfinished. */
  return(): Promise<IteratorResult<StreamItem, undefined>>;
  /** The last event that was finished: the reader has asked for the next one. */
  readonly cursor: string;
  readonly state: StreamState;
  /** When something of the venue came last, in milliseconds since the epoch; undefined before that. */
  readonly heardAt: number | undefined;
  /** Gives each item to a handler, and the next one when it has resolved. Rejects with what the handler throws. */
  each(handler: (item: StreamItem) => void | Promise<void>): Promise<void>;
  /** Ends the stream; items that wait are dropped. */
  close(): void;
}

/**
 * Subscribes to events of an agent: types ("market.tick"), all of a domain ("wallet.*"), or all ("*"); at most 32.
 * Connections that are lost are made again, after any time up to 1 s that doubles to 60 s, and go on after the
 * last finished event.
 *
 * @throws HF-STREAM-UNSUPPORTED, HF-STREAM-REFUSED at once; while reading also HF-STREAM-UNAUTHORISED,
 *   HF-STREAM-AGENT-MISMATCH, HF-STREAM-REPLACED, HF-LIVE-KEY, HF-API-KEY-INVALID
 * @example
 * const stream = subscribe(["wallet.*"], { baseUrl: "http://127.0.0.1:4100", apiKey: "pf_test_…" });
 * for await (const item of stream) {
 *   if (item.kind === "event" && item.type === "wallet.balance_changed") console.log(item.payload.reason);
 * }
 */
export function subscribe(topics: readonly string[], options: StreamOptions): EventStream {
  const { profile = paperProfile } = options;
  if (!profile.stream) throw unsupportedFailure(profile.name);
  const request = StreamRequest.safeParse({ action: "subscribe", topics });
  if (!request.success) throw refusedFailure(request.error.issues[0]?.message ?? "no topics");
  return new Subscription(topics, options);
}

class Subscription implements EventStream {
  readonly #topics: readonly string[];
  readonly #options: StreamOptions;
  readonly #clock: Clock;
  readonly #inbox: Inbox<StreamItem>;
  readonly #seen = new Seen(SEEN_MAX);
  readonly #abort = new AbortController();
  #cursor: string;
  #state: StreamState = "connecting";
  #heardAt: number | undefined;
  /** What the reader is at. */
  #current: StreamItem | undefined;
  #line: Line | undefined;
  #failures = 0;
  #retry: TimerHandle | undefined;
  #fill: TimerHandle | undefined;

  constructor(topics: readonly string[], options: StreamOptions) {
    this.#topics = topics;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#cursor = options.cursor ?? "";
    this.#inbox = new Inbox(options.waitingMax ?? WAITING_MAX, () => this.#line?.resume());
    const { signal } = options;
    if (signal?.aborted === true) {
      this.close();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    void this.#connect();
  }

  get cursor(): string {
    return this.#cursor;
  }

  get state(): StreamState {
    return this.#state;
  }

  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StreamItem, undefined>> {
    this.#finish();
    const item = await this.#inbox.take();
    if (item === undefined) return { done: true, value: undefined };
    this.#current = item;
    return { done: false, value: item };
  }

  /** Leaving a loop does not finish its item: it comes again to who resumes. */
  async return(): Promise<IteratorResult<StreamItem, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  async each(handler: (item: StreamItem) => void | Promise<void>): Promise<void> {
    for await (const item of this) await handler(item);
  }

  close(): void {
    this.#end(undefined, "closed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  readonly #onAbort = (): void => {
    this.close();
  };

  #finish(): void {
    const item = this.#current;
    if (item === undefined) return;
    this.#current = undefined;
    // After a gap the place is where the venue's memory begins, also where the old one was none of its past.
    if (item.kind === "gap") this.#moveTo(item.oldest);
    else if (!item.eventId.startsWith(FILL_PREFIX) && item.eventId > this.#cursor) {
      this.#moveTo(item.eventId);
    }
  }

  #moveTo(cursor: string): void {
    this.#cursor = cursor;
    this.#options.onCursor?.(cursor);
  }

  async #connect(): Promise<void> {
    const { profile = paperProfile, mode, apiKey, agentId, baseUrl, replayTicks } = this.#options;
    const { pingMs = PING_MS, answerMs = ANSWER_MS } = this.#options;
    this.#become("connecting", "");
    let key: string | undefined;
    try {
      key = await findKey(apiKey, mode === "live" ? [] : profile.liveKeyPrefixes);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)), "no usable API key");
      return;
    }
    if (this.#abort.signal.aborted) return;
    this.#line = new Line({
      url: `${baseUrl.replace(/\/$/u, "").replace(/^http/u, "ws")}${profile.paths.stream}`,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(agentId === undefined ? {} : { "x-agent-id": agentId }),
      },
      subscription: JSON.stringify({
        action: "subscribe",
        resumeFrom: this.#cursor,
        topics: this.#topics,
        ...(replayTicks === true ? { replayTicks } : {}),
      }),
      clock: this.#clock,
      pingMs,
      answerMs,
      onEvent: (event) => {
        this.#take(event);
      },
      onNotice: (notice) => {
        this.#note(notice);
      },
      onEnd: (end) => {
        this.#lost(end);
      },
    });
  }

  #take(event: EventEnvelope): void {
    this.#heardAt = this.#clock.now();
    if (this.#seen.add(event.eventId)) this.#give(itemOf(event));
  }

  #give(item: StreamItem): void {
    if (this.#inbox.add(item)) this.#line?.pause();
  }

  #note(notice: StreamNotice): void {
    this.#heardAt = this.#clock.now();
    switch (notice.type) {
      case "subscribed":
        this.#failures = 0;
        this.#fill?.cancel();
        // A stream that began now goes on from now, even if nothing comes before it breaks.
        if (this.#cursor === "" && notice.resumeFrom !== "") this.#moveTo(notice.resumeFrom);
        this.#become("open", "");
        break;
      case "gap":
        this.#give({ kind: "gap", requested: notice.requested, oldest: notice.oldest });
        break;
      case "error":
        this.#end(refusedFailure(`${notice.code}: ${notice.message}`), notice.code);
        break;
      default:
    }
  }

  #lost({ code, reason, status }: LineEnd): void {
    const failure = status === undefined ? closeFailure(code, reason) : refusalOf(status);
    if (failure !== undefined) {
      this.#end(failure, reason);
      return;
    }
    this.#line = undefined;
    this.#failures += 1;
    const wait = waitAfter(this.#failures, this.#options.random ?? systemRandom);
    this.#retry = this.#clock.setTimer(this.#clock.now() + wait, () => {
      void this.#connect();
    });
    if (this.#state === "open") void this.#fillIn();
    this.#become("waiting", `${code} ${reason}`);
  }

  /** Asks for prices now, and again while the stream is down. */
  async #fillIn(): Promise<void> {
    const { prices } = this.#options;
    if (prices === undefined || !this.#topics.some((topic) => matchesTopic(topic, "market.tick"))) {
      return;
    }
    this.#fill?.cancel();
    const { signal } = this.#abort;
    const at = this.#clock.now();
    this.#fill = this.#clock.setTimer(at + FILL_MS, () => void this.#fillIn());
    // The venue may be down altogether: then it is asked again later.
    const found = await prices({ signal }).catch(() => []);
    if (signal.aborted || this.#state === "open") return;
    for (const tick of ticksOf(found, at)) this.#take(tick);
  }

  #become(state: StreamState, reason: string): void {
    if (this.#state === "ended") return;
    this.#state = state;
    this.#options.onState?.(state, reason);
  }

  /** For good: what has come is still given where the venue ended it, and dropped where the reader did. */
  #end(error: Error | undefined, reason: string): void {
    if (this.#state === "ended") return;
    this.#become("ended", reason);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#abort.abort();
    this.#retry?.cancel();
    this.#fill?.cancel();
    this.#line?.leave();
    this.#inbox.end({ error, drop: error === undefined });
  }
}

/** A status that another try will not change; 408, 429 and all of the 5xx may pass. */
function refusalOf(status: number): ReturnType<typeof refusedFailure> | undefined {
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isFinal ? refusedFailure(`it answered HTTP ${status}`) : undefined;
}
