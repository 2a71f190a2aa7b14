// Opens a listener on loopback, with limits on what a caller may take up, and closes it again: it lets what runs
// end. What is no HTTP at all is answered with a problem document, too.

import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  createServer,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { HoldfastError } from "@holdfast/core";
import type { ProblemCode } from "@holdfast/purpleflea/wire";
import { systemWall } from "../clock/wall.ts";
import { problem } from "../command/outcome.ts";

/** Who takes connections that leave HTTP behind. */
export interface Upgrade {
  /** Whether a request is to be taken; others are served as HTTP. */
  takes(request: IncomingMessage): boolean;
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface ListenOptions {
  /** How long requests may take to end when it closes, in real milliseconds. Default 5 s. */
  readonly graceMs?: number | undefined;
  readonly upgrade?: Upgrade;
}

export interface Listener {
  /** "http://127.0.0.1:4100". */
  readonly url: string;
  /** Accepts nothing more, lets what runs end within the time given, and cuts the rest. */
  close(): Promise<void>;
}

/** How long an idle connection is kept, in real milliseconds. */
const KEEP_ALIVE_MS = 30_000;
/** How long a request's headers, and the whole of it, may take to arrive. */
export const HEADERS_MS_MAX = 10_000;
export const REQUEST_MS_MAX = 30_000;
/** Bytes of all headers of a request, with its first line; and how many there may be. */
export const HEADERS_BYTES_MAX = 16_384;
const HEADERS_MAX = 100;
/** How long a server that closes lets requests end, in real milliseconds. */
export const STOP_GRACE_MS = 5_000;

/** A handler of fetch's kind as one of Node's. Changes no global of the process. */
export function fetchListener(handler: Parameters<typeof getRequestListener>[0]): RequestListener {
  const answer = getRequestListener(handler, { overrideGlobalObjects: false });
  return (incoming, outgoing) => void answer(incoming, outgoing);
}

/**
 * A server as the venue has it, that listens nowhere yet: limits, and answers to what is no HTTP. Whoever has no
 * port for it gives it connections: `server.emit("connection", duplex)`.
 */
export function serve(answer: RequestListener, upgrade?: Upgrade): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADERS_BYTES_MAX,
      connectionsCheckingInterval: HEADERS_MS_MAX / 2,
      // Refused where it is read, with a problem document.
      requireHostHeader: false,
      shouldUpgradeCallback: (request) => upgrade?.takes(request) ?? false,
    },
    answer,
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.on("clientError", refuseSocket);
  server.on("checkExpectation", (_incoming, outgoing) => {
    const body = JSON.stringify(problem("unsupported_expectation", "Expect: 100-continue only."));
    outgoing.writeHead(417, {
      "content-type": "application/problem+json",
      "content-length": Buffer.byteLength(body),
      connection: "close",
    });
    outgoing.end(body);
  });
  server.on("connect", (_incoming, socket) => {
    refuseWith(socket, "method_not_allowed", "The paper venue is no proxy.");
  });
  return server;
}

/** @throws HF-PORT-IN-USE, HF-PORT-UNUSABLE */
export async function listen(
  answer: RequestListener,
  port: number,
  { graceMs = STOP_GRACE_MS, upgrade }: ListenOptions = {},
): Promise<Listener> {
  const server = serve(answer, upgrade);
  const upgraded = upgrades(server, upgrade);
  const active = new Set<ServerResponse>();
  server.on("request", (_incoming, outgoing) => {
    active.add(outgoing);
    outgoing.once("close", () => active.delete(outgoing));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) => {
    reject(refusal(error, port));
  });
  server.listen(port, "127.0.0.1", resolve);
  await promise;
  const { port: taken } = server.address() as AddressInfo;
  const open = { active, upgraded };
  return { url: `http://127.0.0.1:${taken}`, close: () => stop(server, open, graceMs) };
}

/** Connections that have left HTTP behind. */
function upgrades(server: Server, upgrade: Upgrade | undefined): ReadonlySet<Duplex> {
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    upgrade?.take(request, socket, head);
  });
  return upgraded;
}

interface Open {
  readonly active: ReadonlySet<ServerResponse>;
  readonly upgraded: ReadonlySet<Duplex>;
}

async function stop(server: Server, { active, upgraded }: Open, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // Nothing more is taken on the connection of whoever is answered from now on.
  const last = (outgoing: ServerResponse): void => {
    if (!outgoing.headersSent) outgoing.setHeader("connection", "close");
    else outgoing.once("close", () => server.closeIdleConnections());
  };
  for (const outgoing of active) last(outgoing);
  server.prependListener("request", (_incoming, outgoing) => {
    last(outgoing);
  });
  server.close(() => {
    resolve();
  });
  for (const socket of upgraded) socket.destroy();
  server.closeIdleConnections();
  const callOff = systemWall.after(graceMs, () => {
    server.closeAllConnections();
  });
  await promise;
  callOff();
}

/** Answers what the parser could not read. */
function refuseSocket(error: NodeJS.ErrnoException, socket: Duplex): void {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      refuseWith(socket, "headers_too_large", `Headers have at most ${HEADERS_BYTES_MAX} bytes.`);
      return;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      refuseWith(socket, "request_timeout", "The request took too long to arrive.");
      return;
    default:
      refuseWith(socket, "malformed_request", "This is not HTTP/1.1.");
  }
}

function refuseWith(socket: Duplex, code: ProblemCode, detail: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const document = problem(code, detail);
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${String(document["status"])} ${code}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function refusal(error: NodeJS.ErrnoException, port: number): HoldfastError {
  const isTaken = error.code === "EADDRINUSE";
  const reason = isTaken ? "another program does" : error.message;
  return new HoldfastError(
    isTaken ? "HF-PORT-IN-USE" : "HF-PORT-UNUSABLE",
    `Cannot listen on port ${port} of 127.0.0.1: ${reason}. Choose another port, or 0 for a free one.`,
    { class: "resource", disposition: "terminal", outcome: "not-sent", details: { port } },
  );
}
