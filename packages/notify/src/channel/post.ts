// One POST to a receiver, and what its answer means. Neither the address nor the answer's text is repeated in an
// error: both may hold secrets.

import { HoldfastError, durationMs, meaningOf, systemCodeOf } from "@holdfast/core";
import type { Sending } from "./channel.ts";

export interface Post {
  /** The channel, for errors. */
  readonly channel: string;
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A receiver's wish to be left alone is followed so far. */
const RETRY_AFTER_MAX_MS = durationMs("1h");

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Sends JSON, and resolves when the receiver has taken it.
 *
 * @throws HF-CHANNEL-UNREACHABLE (tried again), HF-CHANNEL-REFUSED, HF-CHANNEL-INVALID
 */
export async function post(
  { channel, url, body, headers = {} }: Post,
  { signal }: Pick<Sending, "signal">,
): Promise<void> {
  const address = addressOf(channel, url);
  let response: Response;
  try {
    response = await fetch(address, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
      redirect: "manual",
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(channel, systemCodeOf(error) ?? "the connection failed");
  }
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  if (meaningOf("http", status).disposition !== "refused") {
    throw unreachable(channel, `it answered ${status}`, retryAfterMs(response.headers));
  }
  throw refused(channel, `it answered ${status}`);
}

/** @throws HF-CHANNEL-INVALID: a message may tell of money, so it leaves this machine only encrypted */
export function addressOf(channel: string, url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal = address?.protocol === "http:" && LOOPBACK.has(address.hostname);
  if (address?.protocol === "https:" || (address !== undefined && isLocal)) return address;
  throw new HoldfastError(
    "HF-CHANNEL-INVALID",
    `Cannot use channel "${channel}": its address must be an https URL, or http on this machine.`,
    { class: "data", disposition: "terminal", outcome: "refused" },
  );
}

export function unreachable(channel: string, why: string, retryAfterMs?: number): HoldfastError {
  return new HoldfastError(
    "HF-CHANNEL-UNREACHABLE",
    `Cannot tell channel "${channel}" now: ${why}.`,
    {
      class: "network",
      disposition: retryAfterMs === undefined ? "retry" : "retry-after",
      outcome: "unknown",
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

export function refused(channel: string, why: string): HoldfastError {
  return new HoldfastError(
    "HF-CHANNEL-REFUSED",
    `Cannot tell channel "${channel}": ${why}. Look at its address and its secret, then try "holdfast notify test".`,
    { class: "api", disposition: "refused", outcome: "refused" },
  );
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = /^\d{1,9}$/u.exec(headers.get("retry-after") ?? "")?.[0];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1_000, RETRY_AFTER_MAX_MS);
}
