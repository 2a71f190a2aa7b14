// Idempotency keys. A key names a decision: it is made of where the decision stands in the work, and never of
// time, attempt, worker, run id or body. Resume, replay, takeover and a move to another engine keep every key.

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "./utf8.ts";

/** Length of a key: 32 characters of base32, 160 bits. */
export const KEY_LENGTH = 32;

/** Where a call stands when the user gave it no key: the n-th call of that activity in this generation. */
export interface OrdinalKey {
  readonly kind: "ordinal";
  readonly namespace: string;
  readonly root: string;
  readonly generation: number;
  readonly activity: string;
  readonly ordinal: number;
}

/** The user's own name for a decision, once per root and across its generations. */
export interface UserKey {
  readonly kind: "user";
  readonly namespace: string;
  readonly root: string;
  readonly activity: string;
  readonly userKey: string;
}

/** The user's own name for a decision, once per project. */
export interface ProjectKey {
  readonly kind: "project";
  readonly namespace: string;
  readonly activity: string;
  readonly userKey: string;
}

export type KeyParts = OrdinalKey | UserKey | ProjectKey;

/**
 * The idempotency key of a call.
 *
 * @example
 * idempotencyKey({ kind: "ordinal", namespace: "default", root: "dca-btc", generation: 0,
 *   activity: "purpleflea.executeTrade", ordinal: 17 }); // 32 characters of base32
 */
export function idempotencyKey(parts: KeyParts): string {
  return base32(sha256(utf8(encodeParts(fields(parts))))).slice(0, KEY_LENGTH);
}

/** The key of one of several writes of one call: `a.part("leg-2")`. */
export function partKey(key: string, label: string): string {
  return base32(sha256(utf8(encodeParts(["hf1", key, "part", label])))).slice(0, KEY_LENGTH);
}

function fields(parts: KeyParts): readonly (string | number)[] {
  const { namespace, activity } = parts;
  switch (parts.kind) {
    case "ordinal":
      return ["hf1", namespace, parts.root, parts.generation, activity, "n", parts.ordinal];
    case "user":
      return ["hf1", namespace, parts.root, activity, "u", parts.userKey];
    case "project":
      return ["hf1", namespace, activity, "p", parts.userKey];
  }
}

/** Each part as its UTF-8 length, a colon and itself: no two lists of parts encode alike. */
function encodeParts(parts: readonly (string | number)[]): string {
  let text = "";
  for (const part of parts) {
    const value = String(part);
    text += `${utf8(value).length}:${value}`;
  }
  return text;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 base32 in lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(buffer >> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  if (bits > 0) text += ALPHABET[(buffer << (5 - bits)) & 31];
  return text;
}
