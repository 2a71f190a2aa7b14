// Randomness that a seed repeats exactly: the generator is sfc32, seeded by a hash of text. Used for
// `ctx.random`, for jitter and for simulations; never for secrets.

import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "./utf8.ts";

export interface Random {
  /** A number in [0, 1) with 32 random bits. */
  next(): number;
}

/**
 * A generator that gives the same numbers for the same seed on every engine.
 *
 * @example
 * seededRandom("root/0").next() === seededRandom("root/0").next(); // true
 */
export function seededRandom(seed: string): Random {
  const hash = sha256(utf8(seed));
  const word = (at: number): number =>
    ((hash[at] ?? 0) << 24) |
    ((hash[at + 1] ?? 0) << 16) |
    ((hash[at + 2] ?? 0) << 8) |
    (hash[at + 3] ?? 0);
  let a = word(0);
  let b = word(4);
  let c = word(8);
  let counter = word(12);
  return {
    next() {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + sum) | 0;
      return (sum >>> 0) / 4_294_967_296;
    },
  };
}

/** A UUID (version 4 in form) from a generator. Deterministic, so refused as an idempotency key. */
export function uuidFrom(random: Random): string {
  let hex = "";
  for (let index = 0; index < 4; index += 1) {
    hex += Math.floor(random.next() * 4_294_967_296)
      .toString(16)
      .padStart(8, "0");
  }
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
