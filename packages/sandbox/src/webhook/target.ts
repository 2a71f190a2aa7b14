// Where a webhook may go. A paper venue must not become a way into other networks: unless its owner says so, it
// sends to this machine only, and follows nobody elsewhere.

import { isIPv4 } from "node:net";

/** "loopback" is this machine; "any" is whatever the machine reaches, its private networks included. */
export type WebhookTargets = "loopback" | "any";

/** Longest address, in characters. */
export const URL_LENGTH_MAX = 2_048;

/** Why an address is refused, in words for its owner; undefined where it is fine. */
export function refusalOf(text: string, targets: WebhookTargets): string | undefined {
  if (text.length > URL_LENGTH_MAX) return `It is longer than ${URL_LENGTH_MAX} characters.`;
  if (!URL.canParse(text)) return "It is not an absolute URL.";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "It must be http or https.";
  if (url.username !== "" || url.password !== "")
    return "It must not contain a user or a password.";
  if (url.hash !== "") return "It must not contain a fragment.";
  if (targets === "any" || isLoopback(url)) return undefined;
  return "This paper venue sends webhooks to 127.0.0.1, [::1] and localhost only.";
}

/** By its name alone: `localhost` is never looked up. */
export function isLoopback({ hostname }: URL): boolean {
  if (hostname === "localhost" || hostname === "[::1]") return true;
  return isIPv4(hostname) && hostname.startsWith("127.");
}
