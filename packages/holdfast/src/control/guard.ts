// Who may speak to the control API. Any web page can post to a loopback port, and a name of its own can be
// made to point here: so it wants our own host name and port, no foreign origin, and the token.

import { createHash, timingSafeEqual } from "node:crypto";
import { refusal } from "./problem.ts";

const NAMES = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Refuses a request that did not mean us, or may not.
 *
 * @throws HF-CONTROL-FORBIDDEN, HF-CONTROL-TOKEN, HF-CONTROL-MEDIA-TYPE
 */
export function guard(request: Request, ownPort: number, token: string): void {
  checkAddress(request, ownPort);
  checkToken(request, token);
  if (request.method === "GET") return;
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() === "application/json") return;
  throw refusal(
    "HF-CONTROL-MEDIA-TYPE",
    "Cannot take this request: only JSON is taken (content-type: application/json).",
  );
}

/**
 * The host name is loopback's with the port that we listen on, and a page that asks is one of ours.
 *
 * @param alsoAt where people reach it through a proxy
 */
export function checkAddress({ headers }: Request, ownPort: number, alsoAt?: URL): void {
  const own = NAMES.map((name) => `${name}:${ownPort}`);
  const hosts = alsoAt === undefined ? own : [...own, alsoAt.host];
  // The request's URL is made of this header, so the port must come from us.
  if (!hosts.includes((headers.get("host") ?? "").toLowerCase())) {
    throw forbidden("the Host header is not this one's");
  }
  const origin = headers.get("origin");
  const origins = own.map((authority) => `http://${authority}`);
  if (origin !== null && origin !== alsoAt?.origin && !origins.includes(origin)) {
    throw forbidden("the Origin is another page's");
  }
}

function checkToken({ headers }: Request, token: string): void {
  const given = /^Bearer +(\S+)$/iu.exec(headers.get("authorization") ?? "")?.[1] ?? "";
  if (timingSafeEqual(digest(given), digest(token))) return;
  throw refusal(
    "HF-CONTROL-TOKEN",
    "Cannot talk to the control API: the token is missing or wrong. It is in control.json of the state folder (Authorization: Bearer …).",
  );
}

/** Of one length, so that comparing takes one time. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function forbidden(why: string): Error {
  return refusal("HF-CONTROL-FORBIDDEN", `Cannot talk to the control API: ${why}.`);
}
