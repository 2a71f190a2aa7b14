// Proves that a request comes from the venue, and that nobody changed it, before a word of it is believed. Runs
// wherever WebCrypto does. Its errors never repeat a secret, a signature or the body.

import { HoldfastError } from "@holdfast/core";
import { systemClock } from "../clock/system.ts";
import { WebhookEvent } from "../wire/index.ts";

/** Headers as `fetch` or `node:http` have them; their names in any case. */
export type WebhookHeaders =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface WebhookRequest {
  /** The bytes as they came, or their text; never an object that was parsed and written again. */
  readonly body: Uint8Array | string;
  readonly headers: WebhookHeaders;
  /** One, or several while a secret is rotated: `whsec_…`, or for the guides' scheme any text. */
  readonly secrets: string | readonly string[];
  /**
   * "standard" demands Standard Webhooks, "pf" the guides' X-PF-Signature alone. Default "any": Standard
   * Webhooks where any of its headers is there, else the guides' scheme, which has no time: a request that was
   * recorded can be repeated for ever, and only what you remember of event ids stops it.
   */
  readonly scheme?: "any" | "standard" | "pf";
  /** How far the time of Standard Webhooks may be from `now`, either way. Default 300. */
  readonly toleranceSeconds?: number;
  /** Milliseconds since the epoch. Default: the machine's; a paper venue's clock may be another. */
  readonly now?: number;
}

/** Longest body that is looked at, in bytes. */
export const WEBHOOK_BODY_BYTES_MAX = 262_144;
/** Secrets, and signatures of one request, that are tried. */
const TRIED_MAX = 16;

const STANDARD_HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

/**
 * The event of a request, if the request is genuine. A repetition is genuine, too: handle an `eventId` once.
 *
 * @throws HF-WEBHOOK-SIGNATURE where no secret has signed it; answer 403
 * @throws HF-WEBHOOK-TIME where it was signed too long ago, or too far ahead
 * @throws HF-WEBHOOK-BODY where what was signed is no event, or too long
 * @throws HF-WEBHOOK-SECRET where no secret can be used
 * @example
 * const event = await verifyWebhook({ body, headers: request.headers, secrets: secret });
 */
export async function verifyWebhook(request: WebhookRequest): Promise<WebhookEvent> {
  const { scheme = "any", secrets: given } = request;
  const secrets = typeof given === "string" ? [given] : given.slice(0, TRIED_MAX);
  const body = bytesOf(request.body);
  const header = readerOf(request.headers);
  const hasStandard = STANDARD_HEADERS.some((name) => header(name) !== undefined);
  if (scheme === "standard" || (scheme === "any" && hasStandard)) {
    await verifyStandard(request, body, header, secrets);
  } else {
    await verifyGuides(body, header, secrets);
  }
  return parsed(body);
}

type ReadHeader = (name: string) => string | undefined;

async function verifyStandard(
  { toleranceSeconds = 300, now = systemClock.now() }: WebhookRequest,
  body: Uint8Array<ArrayBuffer>,
  header: ReadHeader,
  secrets: readonly string[],
): Promise<void> {
  const [id, timestamp, list] = STANDARD_HEADERS.map((name) => header(name) ?? "");
  const seconds = /^\d{1,12}$/u.test(timestamp ?? "") ? Number(timestamp) : undefined;
  if (!id || seconds === undefined || !list) {
    throw forged("one of its headers webhook-id, webhook-timestamp, webhook-signature is missing");
  }
  const keys = secrets.flatMap((secret) => standardKey(secret) ?? []);
  if (keys.length === 0) throw unusable("a secret of Standard Webhooks is whsec_ and base64");
  const signed = joined(utf8.encode(`${id}.${timestamp}.`), body);
  const signatures = list
    .split(" ")
    .filter((one) => one.startsWith("v1,"))
    .slice(0, TRIED_MAX)
    .flatMap((one) => fromBase64(one.slice("v1,".length)) ?? []);
  if (!(await isSignedByAny(keys, signatures, signed))) throw forged("no secret has signed it");
  // Told only to who could sign: a forger learns nothing of the clock.
  if (Math.abs(now / 1_000 - seconds) <= toleranceSeconds) return;
  const message = `Cannot accept a webhook: it was signed more than ${toleranceSeconds} seconds from now.`;
  throw refusal("HF-WEBHOOK-TIME", message);
}

async function verifyGuides(
  body: Uint8Array<ArrayBuffer>,
  header: ReadHeader,
  secrets: readonly string[],
): Promise<void> {
  const hex = /^sha256=([0-9a-f]{64})$/u.exec(header("x-pf-signature") ?? "")?.[1];
  if (hex === undefined) throw forged("its header X-PF-Signature is missing or malformed");
  const keys = secrets.filter((secret) => secret !== "").map((secret) => utf8.encode(secret));
  if (keys.length === 0) throw unusable("it must not be empty");
  if (!(await isSignedByAny(keys, [fromHex(hex)], body))) throw forged("no secret has signed it");
}

/** Every pair is tried, and each comparison takes the same time whatever it finds. */
async function isSignedByAny(
  keys: readonly Uint8Array<ArrayBuffer>[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  let isSigned = false;
  for (const raw of keys) {
    const key = await subtle.importKey("raw", raw, algorithm, false, ["verify"]);
    for (const signature of signatures) {
      if (await subtle.verify("HMAC", key, signature, signed)) isSigned = true;
    }
  }
  return isSigned;
}

function parsed(body: Uint8Array): WebhookEvent {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw refusal("HF-WEBHOOK-BODY", "Cannot accept a webhook: what was signed is not JSON.");
  }
  const event = WebhookEvent.safeParse(value);
  if (event.success) return event.data;
  throw refusal("HF-WEBHOOK-BODY", "Cannot accept a webhook: what was signed is no event.");
}

const utf8 = new TextEncoder();

function bytesOf(body: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === "string" ? utf8.encode(body) : new Uint8Array(body);
  if (bytes.length <= WEBHOOK_BODY_BYTES_MAX) return bytes;
  const message = `Cannot accept a webhook: its body has more than ${WEBHOOK_BODY_BYTES_MAX} bytes.`;
  throw refusal("HF-WEBHOOK-BODY", message);
}

function readerOf(headers: WebhookHeaders): ReadHeader {
  if (headers instanceof Headers) return (name) => headers.get(name) ?? undefined;
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    // A header that came twice is no header to believe.
    if (typeof value === "string") found.set(name.toLowerCase(), value);
    else if (value?.length === 1) found.set(name.toLowerCase(), value[0] ?? "");
  }
  return (name) => found.get(name);
}

function standardKey(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const key = secret.startsWith("whsec_") ? fromBase64(secret.slice("whsec_".length)) : undefined;
  return key === undefined || key.length === 0 ? undefined : key;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function forged(why: string): HoldfastError {
  return refusal("HF-WEBHOOK-SIGNATURE", `Cannot accept a webhook: ${why}.`);
}

function unusable(why: string): HoldfastError {
  const message = `Cannot verify a webhook: no secret can be used; ${why}.`;
  return new HoldfastError("HF-WEBHOOK-SECRET", message, {
    class: "resource",
    disposition: "terminal",
    outcome: "refused",
  });
}

function refusal(code: string, message: string): HoldfastError {
  const refused = { disposition: "refused", outcome: "refused" } as const;
  return new HoldfastError(code, message, { class: "data", ...refused });
}
