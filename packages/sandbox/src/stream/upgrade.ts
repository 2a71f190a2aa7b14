// Turns an HTTP request for the stream into a stream: finds the path and the agent of the key. A wrong key is
// told as a close code, since callers of a stream see no HTTP answer.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { STREAM_CLOSE, STREAM_PATH } from "@holdfast/purpleflea/wire";
import { type WebSocket, WebSocketServer } from "ws";
import { type Caller, callerOf } from "../http/caller.ts";
import type { Upgrade } from "../http/listen.ts";
import { ProblemError } from "../http/problem.ts";
import { place } from "../http/route.ts";
import type { Venue } from "../venue.ts";
import type { StreamHub } from "./hub.ts";

/** Ends a connection that asks for an upgrade and gets none. */
function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export function streamUpgrade(venue: Venue, hub: StreamHub): Upgrade {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: hub.limits.frameBytes,
    autoPong: false,
    perMessageDeflate: false,
    clientTracking: false,
  });
  server.on("headers", (headers) => {
    headers.push(`x-venue-time: ${venue.clock.now()}`, `x-venue-instance: ${venue.instanceId}`);
  });
  return {
    takes: isStream,
    take(request, socket, head) {
      socket.on("error", () => undefined);
      if (!isStream(request)) {
        refuse(socket, "404 Not Found");
        return;
      }
      if (hub.size >= hub.limits.connections) {
        refuse(socket, "503 Service Unavailable");
        return;
      }
      server.handleUpgrade(request, socket, head, (stream) => {
        welcome(stream, request, venue, hub);
      });
    },
  };
}

function isStream(request: IncomingMessage): boolean {
  const path = (request.url ?? "").split("?")[0] ?? "";
  const { host, path: asked } = place(request.headers.host ?? "", path);
  return host === "main" && asked === STREAM_PATH;
}

function welcome(stream: WebSocket, request: IncomingMessage, venue: Venue, hub: StreamHub): void {
  const found = whoCalls(request, venue);
  if ("close" in found) {
    stream.on("error", () => undefined);
    stream.close(found.close, found.reason);
  } else {
    hub.connect(stream, found);
  }
}

interface Refusal {
  readonly close: number;
  readonly reason: string;
}

function whoCalls(request: IncomingMessage, venue: Venue): Caller | Refusal {
  const headers = new Headers();
  for (const name of ["authorization", "x-agent-id"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  try {
    const caller = callerOf(venue, { headers });
    return caller ?? { close: STREAM_CLOSE.unauthorised, reason: "missing_api_key" };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const isMismatch = error.body["code"] === "agent_mismatch";
    const close = isMismatch ? STREAM_CLOSE.agentMismatch : STREAM_CLOSE.unauthorised;
    return { close, reason: String(error.body["code"]) };
  }
}
