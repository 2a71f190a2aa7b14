// WSS …/api/stream: what goes either way beside the events themselves. Frames of the venue that are no events
// have no `eventId`, so that a caller who keeps the last one keeps his place.

import { z } from "zod";

export const STREAM_PATH = "/api/stream";

/** Topics of one subscription, at most, and the length of one. */
export const STREAM_TOPICS_MAX = 32;
export const STREAM_TOPIC_LENGTH_MAX = 64;

const topic = z
  .string()
  .max(STREAM_TOPIC_LENGTH_MAX)
  .regex(/^(?:\*|[a-z][a-z0-9_]*\.(?:\*|[a-z][a-z0-9_.]*))$/u, "expected a type, domain.* or *");

const topics = z.array(topic).min(1).max(STREAM_TOPICS_MAX);

/** What a caller may say. */
export const StreamRequest = z.discriminatedUnion("action", [
  z.looseObject({
    action: z.literal("subscribe"),
    /** The last event that was seen: what came after it is told. Empty: from now on. */
    resumeFrom: z.string().max(100).nullish(),
    topics,
    /** Ticks of the time in between, too; without it one of each pair, as it stands. */
    replayTicks: z.boolean().optional(),
  }),
  z.looseObject({ action: z.literal("unsubscribe"), topics }),
  z.looseObject({ action: z.literal("ping") }),
]);

export type StreamRequest = z.output<typeof StreamRequest>;

/** What the venue says that is no event. */
export const StreamNotice = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("subscribed"),
    /** Where the stream goes on: it may be given as `resumeFrom` later, even if nothing comes. */
    resumeFrom: z.string(),
    /** Events of the time before that follow. */
    replayed: z.number(),
    /** Events from this one on can be told again. */
    oldest: z.string(),
    topics: z.array(z.string()).optional(),
  }),
  z.looseObject({ type: z.literal("unsubscribed"), topics: z.array(z.string()).optional() }),
  /** What came between the two may be lost to the stream: ask for the state itself. */
  z.looseObject({ type: z.literal("gap"), requested: z.string(), oldest: z.string() }),
  z.looseObject({ type: z.literal("pong"), ts: z.number().optional() }),
  z.looseObject({ type: z.literal("error"), code: z.string(), message: z.string() }),
]);

export type StreamNotice = z.output<typeof StreamNotice>;

/** Why the venue closes a stream. Those of the protocol itself (1000 to 1015) stand beside them. */
export const STREAM_CLOSE = {
  /** No API key, or one that the venue does not know. */
  unauthorised: 4401,
  /** `X-Agent-Id` names another agent than the key's. */
  agentMismatch: 4403,
  /** Nothing came from the caller for 60 s, not even a ping. */
  idle: 4408,
  /** The agent has connected again: one stream for each. */
  replaced: 4409,
  /** The caller took too long to read what was sent. */
  slow: 4413,
  /** Too many frames, or too many subscriptions. */
  tooMany: 4429,
  /** A fault that was asked for. */
  injected: 4500,
} as const;
