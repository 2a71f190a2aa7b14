// A registration's answer holds an API key. It is kept encrypted under the idempotency key of its request, and
// that key itself is kept as a hash only: the file alone opens nothing, the caller who repeats gets it again.

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import type { Json } from "./command.ts";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SALT_BYTES = 16;

/** How the key of a sealed answer stands in the file. */
export function keyDigest(key: string): string {
  return `sha256:${createHash("sha256").update(`key:${key}`).digest("hex")}`;
}

/** Encrypts an answer under its key; without one nothing of it is kept. */
export function seal(body: Json, key: string | undefined): string {
  if (key === undefined) return "{}";
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", derive(key, salt), nonce);
  const text = Buffer.concat([cipher.update(JSON.stringify(body), "utf8"), cipher.final()]);
  const sealed = Buffer.concat([salt, nonce, cipher.getAuthTag(), text]).toString("base64");
  return JSON.stringify({ sealed });
}

/** Whether a kept answer is encrypted. */
export function isSealed(text: string): boolean {
  return text.startsWith('{"sealed":');
}

/** Decrypts a kept answer; throws when the key is another. */
export function unseal(text: string, key: string): Json {
  const { sealed } = JSON.parse(text) as { readonly sealed?: string };
  if (sealed === undefined) return {};
  const bytes = Buffer.from(sealed, "base64");
  const nonceAt = SALT_BYTES;
  const tagAt = nonceAt + NONCE_BYTES;
  const textAt = tagAt + TAG_BYTES;
  const secret = derive(key, bytes.subarray(0, nonceAt));
  const decipher = createDecipheriv("aes-256-gcm", secret, bytes.subarray(nonceAt, tagAt));
  decipher.setAuthTag(bytes.subarray(tagAt, textAt));
  const open = Buffer.concat([decipher.update(bytes.subarray(textAt)), decipher.final()]);
  return JSON.parse(open.toString("utf8")) as Json;
}

function derive(key: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, "holdfast venue: kept answer", 32));
}
