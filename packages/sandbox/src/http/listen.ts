// Opens a listener on loopback for a fetch handler, and closes it again. Changes no global of the process.

import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { HoldfastError } from "@holdfast/core";

export type Handler = Parameters<typeof getRequestListener>[0];

/** Who takes connections that leave HTTP behind. */
export interface Upgrade {
  /** Whether a request is to be taken; others are served as HTTP. */
  takes(request: IncomingMessage): boolean;
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface Listener {
  /** "http://127.0.0.1:4100". */
  readonly url: string;
  /** Cuts every connection. */
  close(): Promise<void>;
}

/** How long an idle connection is kept, in milliseconds. */
const KEEP_ALIVE_MS = 30_000;

/** @throws HF-PORT-IN-USE, HF-PORT-UNUSABLE */
export async function listen(handler: Handler, port: number, upgrade?: Upgrade): Promise<Listener> {
  const answer = getRequestListener(handler, { overrideGlobalObjects: false });
  const server = createServer(
    { shouldUpgradeCallback: (request) => upgrade?.takes(request) ?? false },
    (incoming, outgoing) => void answer(incoming, outgoing),
  );
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request, socket, head) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    upgrade?.take(request, socket, head);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) => {
    reject(refusal(error, port));
  });
  server.listen(port, "127.0.0.1", resolve);
  await promise;
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}`, close: () => stop(server, upgraded) };
}

async function stop(server: Server, upgraded: ReadonlySet<Duplex>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => {
    resolve();
  });
  server.closeAllConnections();
  for (const socket of upgraded) socket.destroy();
  await promise;
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
