// Makes the venue's ids and secrets: random ones, or with a seed always the same, so that a whole simulated
// system repeats exactly. Event ids are ULIDs on the venue's clock, and each is greater than the one before.

import { createHash, randomBytes } from "node:crypto";

export interface Identities {
  /** "pos_3f…": 80 bits. `number` is that of the command that makes it. */
  id(prefix: string, number: number): string;
  /** 192 bits in base64url. */
  secret(number: number): string;
  /** The server seed of a name: 256 bits in hex. */
  serverSeed(name: string): string;
}

export function randomIdentities(): Identities {
  return {
    id: (prefix) => `${prefix}_${randomBytes(10).toString("hex")}`,
    secret: () => randomBytes(24).toString("base64url"),
    serverSeed: () => randomBytes(32).toString("hex"),
  };
}

/** For simulations: whoever knows the seed knows every secret. */
export function seededIdentities(seed: string): Identities {
  const hash = (what: string, number: number | string): Buffer =>
    createHash("sha256")
      .update(JSON.stringify([seed, what, number]))
      .digest();
  return {
    id: (prefix, number) => `${prefix}_${hash(prefix, number).subarray(0, 10).toString("hex")}`,
    secret: (number) => hash("secret", number).subarray(0, 24).toString("base64url"),
    serverSeed: (name) => hash("server-seed", name).toString("hex"),
  };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The ULID of the n-th event: 48 bits of time, then 80 bits of its number. */
export function eventId(at: number, number: number): string {
  return base32(at, 10) + base32(number, 16);
}

function base32(value: number, length: number): string {
  let rest = value;
  let digits = "";
  for (let place = 0; place < length; place += 1) {
    digits = (CROCKFORD[rest % 32] ?? "0") + digits;
    rest = Math.floor(rest / 32);
  }
  return digits;
}
