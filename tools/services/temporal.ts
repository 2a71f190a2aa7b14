// Temporal's server with SQLite, as its own command line brings it: a real server on its own clock.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, resumable, startServer } from "./process.ts";
import type { Running, Service, ServiceContext } from "./service.ts";

/** The newest version that `go install` accepts: later ones have a replace line. Server 1.29.1. */
const VERSION = "1.5.1";

/**
 * With the server's defaults a step takes 100 ms, because a shard polls its queues 20 times a second, and a timer
 * may be a second late. Nothing here changes what the server does, only when.
 */
const DYNAMIC: Readonly<Record<string, number | boolean | string>> = {
  "history.transferProcessorMaxPollRPS": 2_000,
  "history.timerProcessorMaxPollRPS": 2_000,
  "history.visibilityProcessorMaxPollRPS": 2_000,
  "history.timerProcessorMaxTimeShift": '"1ms"',
  // A run that continues as new within a second waits for the rest of it.
  "history.workflowIdReuseMinimalInterval": '"1ms"',
  "system.enableActivityEagerExecution": true,
  "system.forceSearchAttributesCacheRefreshOnRead": true,
  "frontend.enableUpdateWorkflowExecution": true,
  "frontend.enableExecuteMultiOperation": true,
};

export const temporal: Service = {
  name: "temporal",
  find: async () => candidates().find((path) => isVersion(path)),
  install: {
    command: ["go", "install", `github.com/temporalio/cli/cmd/temporal@v${VERSION}`],
    env: { CGO_ENABLED: "0" },
    cost: "5 minutes, 3.2 GB of Go's caches and 1.9 GB of memory; needs Go 1.25",
  },
  start,
};

/** `HOLDFAST_TEMPORAL_BIN`, else where Go installs programs. */
function candidates(): readonly string[] {
  const given = process.env["HOLDFAST_TEMPORAL_BIN"];
  if (given !== undefined) return [given];
  const folders = ["GOBIN", "GOPATH"].map((name) => {
    const path = goVariable(name);
    return path === "" || name === "GOBIN" ? path : join(path, "bin");
  });
  return folders.filter((path) => path !== "").map((path) => join(path, "temporal"));
}

function goVariable(name: string): string {
  try {
    return execFileSync("go", ["env", name], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

function isVersion(path: string): boolean {
  if (!existsSync(path)) return false;
  return execFileSync(path, ["--version"], { encoding: "utf8" }).includes("Server 1.29.1");
}

async function start(program: string, { folder }: ServiceContext): Promise<Running> {
  const port = await freePort();
  const settings = Object.entries(DYNAMIC).map(([name, value]) => `${name}=${String(value)}`);
  const flags: readonly (readonly [string, string])[] = [
    ["--ip", "127.0.0.1"],
    ["--port", String(port)],
    ["--log-level", "error"],
    ["--namespace", "holdfast"],
    ["--db-filename", join(folder, "temporal.db")],
    ["--sqlite-pragma", "journal_mode=WAL"],
    ["--sqlite-pragma", "synchronous=FULL"],
    ...settings.map((setting) => ["--dynamic-config-value", setting] as const),
  ];
  const command = [program, "server", "start-dev", "--headless", ...flags.flat()] as const;
  const server = await resumable(() => startServer(command, port, folder));
  return {
    ...server,
    variables: { HOLDFAST_TEMPORAL: `127.0.0.1:${port}`, HOLDFAST_TEMPORAL_BIN: program },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
