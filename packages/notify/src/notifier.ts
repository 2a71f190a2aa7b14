// The notifier: which channels hear of a notice, and when; and one message to one of them. What it knows, addresses
// and secrets, stays with the process: journals hold names of channels only.

import { HoldfastError, type Resource, resource } from "@holdfast/core";
import type { Channel, SecretName, Sending } from "./channel/channel.ts";
import { type Message, type Notice, isAtLeast } from "./notice.ts";
import { type QuietHours, toldAt } from "./quiet.ts";

export interface NotifierOptions {
  readonly channels: readonly Channel[];
  readonly quiet?: QuietHours | undefined;
  /** Where messages come from: the project's name. */
  readonly source: string;
  /** The value of a secret; undefined where there is none. */
  readonly secret: (name: string) => string | undefined;
}

/** A channel that is to hear of a notice, and from when on: milliseconds since the epoch. */
export interface Route {
  readonly channel: string;
  readonly at: number;
}

export interface Notifier {
  /** @throws HF-CHANNEL-UNKNOWN where the notice names a channel that there is not */
  route(notice: Notice, now: number): readonly Route[];
  /** @throws HF-CHANNEL-UNKNOWN, HF-CHANNEL-SECRET; what the channel throws */
  send(channel: string, message: Message, how: Omit<Sending, "secret" | "source">): Promise<void>;
}

/** The notifier of a host, in activities. */
export const notifier: Resource<Notifier, Notifier> = resource<Notifier>({
  name: "notifier",
  bind: (raw) => raw,
});

/**
 * Puts channels together.
 *
 * @throws HF-CHANNEL-INVALID where two have one name; HF-CALENDAR-INVALID
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { channels, quiet, source } = options;
  const byName = new Map(channels.map((one) => [one.name, one]));
  if (byName.size < channels.length) {
    throw new HoldfastError(
      "HF-CHANNEL-INVALID",
      "Cannot use these channels: two have the same name. Give one of them a name.",
      { class: "data", disposition: "terminal", outcome: "refused" },
    );
  }
  toldAt(quiet, "info", 0);
  const find = (name: string): Channel => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    const names = [...byName.keys()].join(", ");
    const message = `Cannot tell channel "${name}": there is only ${names}.`;
    throw failure("HF-CHANNEL-UNKNOWN", message, "refused");
  };
  const secretOf = (channel: string, { name }: SecretName): string => {
    const value = options.secret(name);
    if (value !== undefined) return value;
    const message = `Cannot tell channel "${channel}": set ${name} in the environment or in .env.`;
    // The next start may have it.
    throw failure("HF-CHANNEL-SECRET", message, "retry");
  };
  return {
    route: (notice, now) => {
      const wanted = notice.channel === undefined ? channels : [find(notice.channel)];
      const at = toldAt(quiet, notice.level, now);
      return wanted
        .filter(({ from }) => notice.channel !== undefined || isAtLeast(notice.level, from))
        .map(({ name }) => ({ channel: name, at }));
    },
    send: (name, message, how) =>
      find(name).send(message, { ...how, source, secret: (wanted) => secretOf(name, wanted) }),
  };
}

function failure(code: string, message: string, disposition: "retry" | "refused"): HoldfastError {
  return new HoldfastError(code, message, { class: "state", disposition, outcome: "not-sent" });
}
