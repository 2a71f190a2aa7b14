// A Temporal server: one that runs already (HOLDFAST_TEMPORAL=host:port), or its development server, if the
// program is there (HOLDFAST_TEMPORAL_BIN, or where Go installs programs), on SQLite with FULL synchronisation.

import { createConnection } from "node:net";
import {
  SETTINGS,
  type Settings,
  commandOf,
  findTemporal,
} from "../../../tools/services/temporal.ts";
import { type Server, ServerMissing, freePort, launch } from "../server.ts";

/** With the settings that the tests have, too: without them a sequential step waits 100 ms. */
export async function start(folder: string): Promise<Server> {
  const there = process.env["HOLDFAST_TEMPORAL"];
  if (there !== undefined && there !== "")
    return { addresses: { temporal: there }, pids: [], async [Symbol.asyncDispose]() {} };
  return startOwn(folder, SETTINGS);
}

/** Starts one of this program's own. Throws ServerMissing. */
export async function startOwn(folder: string, settings: Settings): Promise<Server> {
  const program = findTemporal();
  if (program === undefined) {
    throw new ServerMissing(
      "No Temporal server: `npm run services -- temporal` installs one, or set HOLDFAST_TEMPORAL=host:port",
    );
  }
  const port = await freePort();
  const [command, ...args] = commandOf(program, { port, folder, settings });
  return launch({
    command,
    args,
    folder,
    addresses: { temporal: `127.0.0.1:${port}` },
    ready: () => listens(port),
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
