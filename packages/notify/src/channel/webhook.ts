// A webhook of one's own, signed as Standard Webhooks says: the receiver verifies over the raw bytes and handles an
// id once. https://github.com/standard-webhooks/standard-webhooks

import { createHmac } from "node:crypto";
import { type Channel, type ChannelOptions, type SecretName, channel } from "./channel.ts";
import { post, refused } from "./post.ts";

export interface WebhookOptions extends ChannelOptions {
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks writes it. */
  readonly signingSecret: SecretName;
}

/**
 * Posts each message, signed.
 *
 * @example
 * webhook({ url: "https://ops.example/holdfast", signingSecret: secret("OPS_SIGNING_SECRET") })
 */
export function webhook({
  url,
  signingSecret,
  name = "webhook",
  ...rest
}: WebhookOptions): Channel {
  return channel({
    ...rest,
    name,
    send: async (message, sending) => {
      const { key, now, source } = sending;
      const timestamp = Math.floor(now / 1_000);
      const type = `holdfast.notice.${message.state}`;
      const at = new Date(message.at).toISOString();
      const body = JSON.stringify({ type, timestamp: at, data: { ...message, source } });
      const hmac = createHmac("sha256", keyOf(name, sending.secret(signingSecret)));
      const signature = hmac.update(`${key}.${timestamp}.${body}`).digest("base64");
      const headers = {
        "webhook-id": key,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": `v1,${signature}`,
      };
      await post({ channel: name, url, body, headers }, sending);
    },
  });
}

/** @throws HF-CHANNEL-REFUSED */
function keyOf(channel: string, secret: string): Buffer {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/u.exec(secret) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  throw refused(channel, "its signing secret is not whsec_ and base64");
}
