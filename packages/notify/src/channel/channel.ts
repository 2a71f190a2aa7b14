// A way to reach people. Each maker in this folder gives one; a project may write its own.

import type { Level, Message } from "../notice.ts";

/** A secret by its name: `secret("SLACK_URL")` of a configuration. Its value is looked up for each message. */
export interface SecretName {
  readonly kind: "secret";
  readonly name: string;
}

/** What a message is sent with. */
export interface Sending {
  /** The same for every attempt to send this message: receivers that can tell repetitions by it. */
  readonly key: string;
  /** Aborted when the attempt is given up. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Where it comes from: the project's name. */
  readonly source: string;
  /** @throws HF-CHANNEL-SECRET */
  secret(name: SecretName): string;
}

export interface Channel {
  readonly kind: "channel";
  readonly name: string;
  /** What is less urgent is not told here. */
  readonly from: Level;
  /**
   * Sends one message. It may be called again with the same message and key after a crash. What it throws is
   * retried for a day, unless its disposition is "refused" or "terminal".
   */
  readonly send: (message: Message, sending: Sending) => Promise<void>;
}

/** What all makers take. */
export interface ChannelOptions {
  /** Name in the configuration and in messages about it. Default: the kind's own, such as "slack". */
  readonly name?: string;
  /** What is less urgent is not told here. Default "info". */
  readonly from?: Level;
}

/**
 * A channel of one's own.
 *
 * @example
 * channel({ name: "log", send: async (message) => { console.log(message.title); } })
 */
export function channel(
  options: ChannelOptions & { readonly name: string; readonly send: Channel["send"] },
): Channel {
  const { name, from = "info", send } = options;
  return Object.freeze({ kind: "channel", name, from, send });
}
