// A Temporal server: one that runs already (HOLDFAST_TEMPORAL=host:port), or its development server, if the
// program is there (HOLDFAST_TEMPORAL_BIN, or `temporal` on the path), on SQLite with FULL synchronisation.

import { execFileSync } from "node:child_process";
import { createConnection } from "node:net";
import { join } from "node:path";
import { type Server, ServerMissing, freePort, launch } from "../server.ts";

/** Without these a sequential step waits 100 ms for the server's own limit of requests a second. */
const DYNAMIC = [
  "history.transferProcessorMaxPollRPS=2000",
  "history.timerProcessorMaxPollRPS=2000",
  "history.visibilityProcessorMaxPollRPS=2000",
  "system.enableActivityEagerExecution=true",
];

export async function start(folder: string): Promise<Server> {
  const there = process.env["HOLDFAST_TEMPORAL"];
  if (there !== undefined && there !== "")
    return { addresses: { temporal: there }, pids: [], async [Symbol.asyncDispose]() {} };
  const command = process.env["HOLDFAST_TEMPORAL_BIN"] ?? "temporal";
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
  } catch {
    throw new ServerMissing(
      "No Temporal server: set HOLDFAST_TEMPORAL=host:port, or put the program there with " +
        "`CGO_ENABLED=0 go install github.com/temporalio/cli/cmd/temporal@v1.5.1` (minutes) and name it in HOLDFAST_TEMPORAL_BIN",
    );
  }
  const port = await freePort();
  const flags = {
    "--ip": "127.0.0.1",
    "--port": String(port),
    "--namespace": "holdfast",
    "--log-level": "error",
    "--db-filename": join(folder, "temporal.sqlite"),
  };
  return launch({
    command,
    args: [
      "server",
      "start-dev",
      "--headless",
      ...Object.entries(flags).flat(),
      ...["journal_mode=WAL", "synchronous=FULL"].flatMap((it) => ["--sqlite-pragma", it]),
      ...DYNAMIC.flatMap((it) => ["--dynamic-config-value", it]),
    ],
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
