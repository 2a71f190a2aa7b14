// A server before the venue's own API that speaks another venue's dialect. It asks the API over loopback, so that
// what holds or cuts a request there does so here, and it drops what the other venue would not look at: keys above
// all. The ref goes through, because the audit counts by it.

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Listener, listen } from "../http/listen.ts";
import type { Venue } from "../venue.ts";
import {
  type Fields,
  type Front,
  FrontProblem,
  type FrontRequest,
  type FrontRoute,
} from "./dialect.ts";
import { publicFront } from "./public-2026-03.ts";

/** "guides" is the venue's own. */
export type DialectName = "guides" | "public-2026-03";

export interface FrontOptions {
  /** Base of the venue's own API. */
  readonly inner: string;
  readonly venue: Venue;
  readonly port: number;
}

/** Largest body, in bytes. */
const BODY_BYTES_MAX = 256 * 1_024;

/** @throws HF-PORT-IN-USE, HF-PORT-UNUSABLE */
export async function openFront(
  _dialect: Exclude<DialectName, "guides">,
  { inner, venue, port }: FrontOptions,
): Promise<Listener> {
  const front = publicFront;
  return listen((incoming, outgoing) => {
    void answer({ front, inner, venue, incoming, outgoing });
  }, port);
}

interface Arrived {
  readonly front: Front;
  readonly inner: string;
  readonly venue: Venue;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

async function answer(arrived: Arrived): Promise<void> {
  const { incoming, outgoing } = arrived;
  const gone = new AbortController();
  outgoing.once("close", () => {
    gone.abort();
  });
  try {
    const { status, body, headers } = await serve(arrived, gone.signal);
    outgoing.writeHead(status, { "content-type": "application/json", ...headers });
    outgoing.end(JSON.stringify(body));
  } catch (error) {
    if (error instanceof FrontProblem) {
      outgoing.writeHead(error.status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(error.body));
      return;
    }
    // The API behind has cut the line, and so it is cut here.
    incoming.socket.destroy();
  }
}

interface Served {
  readonly status: number;
  readonly body: Fields;
  readonly headers: Readonly<Record<string, string>>;
}

async function serve(arrived: Arrived, signal: AbortSignal): Promise<Served> {
  const { front, inner, venue, incoming } = arrived;
  const { route, url } = findRoute(front, incoming);
  const { authorization } = incoming.headers;
  const apiKey = /^Bearer\s+(\S+)$/iu.exec(authorization ?? "")?.[1];
  const agent = apiKey === undefined ? "" : (venue.authenticate(apiKey)?.id ?? "");
  const body = route.method === "POST" ? await readBody(incoming) : {};
  const request: FrontRequest = { body, url, venue, agent };
  const ref = incoming.headers["x-holdfast-ref"];
  const response = await fetch(`${inner}${route.inner}`, {
    method: route.method,
    headers: {
      "content-type": "application/json",
      ...(authorization === undefined ? {} : { authorization }),
      ...(typeof ref === "string" ? { "x-holdfast-ref": ref } : {}),
    },
    ...(route.method === "POST" ? { body: JSON.stringify(route.request?.(request) ?? {}) } : {}),
    signal,
  });
  const text = await response.text();
  const answered = text === "" ? {} : (JSON.parse(text) as Fields);
  const wait = response.headers.get("retry-after");
  const headers = wait === null ? {} : { "retry-after": wait };
  if (response.ok) return { status: 200, body: route.answer(answered, request), headers };
  const problem = front.problem(response.status, answered, route.path);
  return { status: problem.status, body: problem.body, headers };
}

function findRoute(
  { hosts, routes }: Front,
  { headers, method, url: raw = "/" }: IncomingMessage,
): { readonly route: FrontRoute; readonly url: URL } {
  const url = new URL(raw, "http://front");
  const named = /^\/@([a-z]+)(\/.*)$/u.exec(url.pathname);
  const host = named?.[1] ?? hosts.find((one) => headers.host?.startsWith(`${one}.`)) ?? "";
  const path = named?.[2] ?? url.pathname;
  const route = routes.find(
    (one) => one.host === host && one.path === path && one.method === method,
  );
  if (route === undefined) throw new FrontProblem(404, "not_found", `No ${method} ${path} here.`);
  return { route, url };
}

async function readBody(incoming: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new FrontProblem(413, "too_large", "The body is too large.");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  let body: unknown;
  try {
    body = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    throw new FrontProblem(400, "invalid_request", "The body is not JSON.");
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Fields;
  throw new FrontProblem(400, "invalid_request", "The body must be a JSON object.");
}
