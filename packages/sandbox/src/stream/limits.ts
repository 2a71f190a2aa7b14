// What a stream may cost the venue.

/** How far back events are told again, in milliseconds of the venue's clock: 5 minutes. */
export const BUFFER_MS = 300_000;
/** A caller from whom nothing comes for so long is dropped, in milliseconds of the venue's clock. */
export const IDLE_MS = 60_000;
/** Space between two ticks of a pair, in milliseconds of the venue's clock. */
export const TICK_MS_DEFAULT = 250;
export const TICK_MS_MIN = 100;
export const TICK_MS_MAX = 500;
/** Under a fast clock ticks are this far apart at least, in milliseconds of the machine's time. */
export const TICK_WALL_MS_MIN = 50;

export interface StreamLimits {
  /** Bytes of one frame of a caller. */
  readonly frameBytes: number;
  /** Frames of a caller, pings among them, in a minute of the machine's time. */
  readonly framesPerMinute: number;
  /** Subscriptions of a caller in a minute of the machine's time. */
  readonly subscribesPerMinute: number;
  /** Bytes that wait for one caller: beyond them the venue reads no further for him, and leaves ticks out. */
  readonly waitingBytes: number;
  /** A caller who reads nothing of what waits for so long is dropped, in milliseconds of the machine's time. */
  readonly slowMs: number;
  /** How long a frozen clock waits for the answer to a ping before it takes a caller for gone, likewise. */
  readonly answerMs: number;
  /** Streams at once. */
  readonly connections: number;
  /** Events that a fault holds back at once; further ones go out in time. */
  readonly delayed: number;
}

export const STREAM_LIMITS: StreamLimits = {
  frameBytes: 16_384,
  framesPerMinute: 120,
  subscribesPerMinute: 30,
  waitingBytes: 262_144,
  slowMs: 30_000,
  answerMs: 10_000,
  connections: 1_000,
  delayed: 10_000,
};

/** Events that are read for one caller at once, before others have their turn. */
export const SLICE = 64;
