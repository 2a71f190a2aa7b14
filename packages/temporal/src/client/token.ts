// Tokens that complete calls from outside: what names the call, and a code that only who has the secret can make.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { CallEnvelope } from "../workflow/protocol.ts";

const PREFIX = "hft";

export interface TokenContent {
  readonly id: string;
  readonly call: number;
  readonly key: string;
  readonly activity: string;
}

export function makeToken(
  secret: string,
  { id, call }: Pick<CallEnvelope, "id" | "call">,
  key: string,
  activity: string,
): string {
  const content: TokenContent = { id, call, key, activity };
  const body = Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${PREFIX}.${body}.${codeOf(secret, body)}`;
}

/** What a token names; undefined where it was not made with this secret. */
export function readToken(secret: string, token: string): TokenContent | undefined {
  const [prefix, body, code] = token.split(".");
  if (prefix !== PREFIX || body === undefined || code === undefined) return undefined;
  const expected = Buffer.from(codeOf(secret, body));
  const given = Buffer.from(code);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  return JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as TokenContent;
}

function codeOf(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("base64url");
}
