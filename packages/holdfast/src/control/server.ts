// The control API as a server on loopback, with a port and a random token of its own. It ends with the host,
// and its address stands in `control.json` for as long.

import { randomBytes } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { HoldfastError } from "@holdfast/core";
import { type ControlOptions, createControlApp } from "./app.ts";

export interface ControlServer extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

/** @throws HF-PORT-IN-USE */
export async function openControl(
  options: ControlOptions & {
    /** 0 takes a free one. Default 0. */
    readonly port?: number;
  },
): Promise<ControlServer> {
  const token = randomBytes(24).toString("base64url");
  let port = options.port ?? 0;
  const app = createControlApp(options, () => port, token);
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  port = await listen(server, port);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program does. Choose another port, or stop that program",
  EACCES: "this user may not. Choose a port above 1023",
};

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new HoldfastError(
          "HF-PORT-IN-USE",
          `Cannot listen on port ${port}: ${REASONS[error.code ?? ""] ?? error.message}.`,
          { class: "resource", details: { port } },
        ),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}
