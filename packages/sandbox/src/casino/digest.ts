// The digest of a round and the hash of a server seed at once, within a transaction; WebCrypto would have it
// wait. Whoever checks a bet makes the same bytes with WebCrypto.

import { createHash, createHmac } from "node:crypto";
import { roundMessage } from "@holdfast/purpleflea/fair";

export function roundDigest(serverSeed: string, clientSeed: string, nonce: number): Uint8Array {
  return createHmac("sha256", serverSeed).update(roundMessage(clientSeed, nonce)).digest();
}

export function seedHash(serverSeed: string): string {
  return createHash("sha256").update(serverSeed).digest("hex");
}
