// Secrets of endpoints, and what they sign. Two schemes go side by side: the guides' one over the body, and
// Standard Webhooks over id, instant and body.

import { createHmac } from "node:crypto";
import type { Endpoint } from "../store/webhook-table.ts";

const PREFIX = "whsec_";

/** A secret of 24 random bytes; `random` is base64url. */
export function makeSecret(random: string): string {
  return `${PREFIX}${Buffer.from(random, "base64url").toString("base64")}`;
}

/** Those that sign at an instant: while both do, the old one first. */
export function secretsAt(endpoint: Endpoint, at: number): readonly [string, ...string[]] {
  const { secret, oldSecret, oldSecretUntil } = endpoint;
  return oldSecret !== null && at < (oldSecretUntil ?? 0) ? [oldSecret, secret] : [secret];
}

export interface Signable {
  /** The event's id, the same at each attempt. */
  readonly id: string;
  /** Of the attempt, in milliseconds since the epoch. */
  readonly at: number;
  readonly body: string;
  /** From 0. */
  readonly attempt: number;
}

/**
 * The headers that prove where a body comes from. `webhook-signature` lists a signature for each secret. Of
 * `X-PF-Signature` there can be only one: while two secrets sign, they take turns from attempt to attempt, so
 * that a receiver with either of them accepts the second attempt at the latest.
 */
export function signatures(
  { id, at, body, attempt }: Signable,
  secrets: readonly [string, ...string[]],
): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(at / 1_000));
  const own = secrets[attempt % secrets.length] ?? secrets[0];
  const standard = secrets.map((secret) => `v1,${standardSignature(secret, id, seconds, body)}`);
  return {
    "x-pf-signature": `sha256=${createHmac("sha256", own).update(body).digest("hex")}`,
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": standard.join(" "),
  };
}

function standardSignature(secret: string, id: string, seconds: string, body: string): string {
  const key = Buffer.from(secret.slice(PREFIX.length), "base64");
  return createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
}
