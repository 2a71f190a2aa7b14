// Which requests, events or connections a fault is about, and when: the fields that rules share.

import { z } from "zod";

/** Longest window, delay or age in a rule, in milliseconds: 30 days. */
export const FAULT_MS_MAX = 2_592_000_000;
/** Names, paths and patterns in one rule: at most so many characters each, and so many of them. */
export const FAULT_TEXT_MAX = 255;
export const FAULT_NAMES_MAX = 50;

const Text = z.string().min(1).max(FAULT_TEXT_MAX);
const Count = z.number().int().positive();

/** What every rule may say. */
export const commonMatch = {
  /** An agent's id or name. */
  agent: Text.optional(),
  /** Share of the matching requests that are hit, 0 to 1. Default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** Each n-th matching request, in order of arrival. */
  nth: Count.optional(),
  /** At most so many requests are hit. */
  count: Count.optional(),
  /** From this instant of the venue's clock on, in milliseconds since the epoch. */
  from: z.number().optional(),
  /** Before this instant. */
  until: z.number().optional(),
  /** In force so many seconds of the venue's clock: from `from`, else from when it was armed. At most 30 days. */
  seconds: z
    .number()
    .positive()
    .max(FAULT_MS_MAX / 1_000)
    .optional(),
};

/** What a rule about requests may say besides. */
export const requestMatch = {
  /** Operations: register, claim, open, close, close-all, balance, … Default: all that the kind is about. */
  operations: z.array(Text).min(1).max(FAULT_NAMES_MAX).readonly().optional(),
  method: z.enum(["GET", "POST"]).optional(),
  /** The request's path, without a host prefix; a star at its end matches any rest. */
  path: Text.optional(),
  /** Only these tries of one write (same operation, agent and key; without a key: of its calls), from 1. */
  tries: z.array(Count).min(1).max(FAULT_NAMES_MAX).readonly().optional(),
  ...commonMatch,
};

export const CHANNELS = ["stream", "webhook"] as const;
export type Channel = (typeof CHANNELS)[number];

/** What a rule about the delivery of events may say besides. */
export const deliveryMatch = {
  /** Default: both. */
  channel: z.enum(CHANNELS).optional(),
  /** Types of events; a star at the end matches any rest. Default: all. */
  types: z.array(Text).min(1).max(FAULT_NAMES_MAX).readonly().optional(),
  /** Only these tries of a delivery, from 1. A stream tries once. */
  tries: z.array(Count).min(1).max(FAULT_NAMES_MAX).readonly().optional(),
  ...commonMatch,
};

/** A time window on the venue's clock; open ends are infinite. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

/** When a rule is in force. Without a clock to arm it by, `seconds` alone count from the beginning of time. */
export function windowOf(
  rule: {
    readonly from?: number | undefined;
    readonly until?: number | undefined;
    readonly seconds?: number | undefined;
  },
  armedAt: number | undefined,
): Window {
  const { seconds } = rule;
  if (seconds === undefined) return { from: rule.from ?? 0, until: rule.until ?? Infinity };
  const from = rule.from ?? armedAt ?? 0;
  return { from, until: from + seconds * 1_000 };
}

/** Whether a text is the pattern, or begins with it where it ends in a star. */
export function fits(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** Whether a rule's agent is this one. */
export function isAgent(
  wanted: string | undefined,
  agent: { readonly id: string; readonly name: string } | undefined,
): boolean {
  return wanted === undefined || wanted === agent?.id || wanted === agent?.name;
}
