// Where a round comes from: the digest of server seed, client seed and nonce. Made with WebCrypto, so that the
// same lines run in Node and in a browser; the games themselves take a digest and need no cryptography.

/** Bytes of a digest. */
export const DIGEST_BYTES = 32;

/** What is signed for a round: "client-seed:0". */
export function roundMessage(clientSeed: string, nonce: number): string {
  return `${clientSeed}:${nonce}`;
}

/** HMAC-SHA256 of a message under the server seed as text (not as the bytes that its hex stands for). */
export async function digestOf(serverSeed: string, message: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8(serverSeed), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(algorithm, key, utf8(message)));
}

/** What the venue publishes before the first bet: the SHA-256 of the server seed as text, in hex. */
export async function commitOf(serverSeed: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(serverSeed))));
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @throws RangeError where it is not hex of whole bytes */
export function fromHex(hex: string): Uint8Array {
  if (!/^(?:[\da-f]{2})*$/iu.test(hex)) throw new RangeError("Expected hex digits of whole bytes.");
  return Uint8Array.from(hex.match(/../gu) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** Bits of a digest that crash, dice and the coin read. */
export const SPACE_BITS = 52n;
/** How many values they have. */
export const SPACE: bigint = 2n ** SPACE_BITS;

/** The first 52 bits of a digest: a whole number from 0 to less than 2^52. @throws RangeError */
export function first52(digest: Uint8Array): bigint {
  if (digest.length !== DIGEST_BYTES) {
    throw new RangeError(`A digest has ${DIGEST_BYTES} bytes, not ${digest.length}.`);
  }
  let bits = 0n;
  for (const byte of digest.subarray(0, 7)) bits = bits * 256n + BigInt(byte);
  return bits >> 4n;
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
