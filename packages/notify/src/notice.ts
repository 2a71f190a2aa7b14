// What people are told: a notice says what is the matter; a message is what one channel is given to say.

import { z } from "zod";

/** How urgent it is, the least first. Only `critical` is told in quiet hours. */
export const LEVELS = ["info", "warning", "critical"] as const;

export type Level = (typeof LEVELS)[number];

/** Longest title of a notice. */
export const TITLE_MAX = 200;
/** Longest text of a notice; Telegram takes no more. */
export const TEXT_MAX = 3_000;

export const Notice = z.object({
  /** What it is about, such as "in-doubt/dca-btc": while an episode lasts, it is told once. */
  episode: z.string().min(1).max(200),
  level: z.enum(LEVELS),
  title: z.string().min(1).max(TITLE_MAX),
  text: z.string().max(TEXT_MAX),
  /** True where its end is told, too: whoever raised it sends the signal `over`. */
  lasts: z.boolean().default(false),
  /** The only channel to tell. Default: all that take this level. */
  channel: z.string().optional(),
});

export type Notice = z.output<typeof Notice>;

export const Message = z.object({
  episode: z.string(),
  level: z.enum(LEVELS),
  state: z.enum(["raised", "over"]),
  title: z.string(),
  text: z.string(),
  /** Milliseconds since the epoch at which it was raised, or over. */
  at: z.number(),
});

export type Message = z.output<typeof Message>;

/** True where `level` is at least as urgent as `least`. */
export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

/** The message in one line, for channels that have a heading. */
export function headingOf({ level, state, title }: Message): string {
  return state === "over" ? `[over] ${title}` : `[${level}] ${title}`;
}
