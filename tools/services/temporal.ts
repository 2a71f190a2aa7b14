// Temporal's server with SQLite, as its own command line brings it: a real server on its own clock.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { goPrograms } from "./go.ts";
import { freePort, resumable, startServer } from "./process.ts";
import type { Running, Service, ServiceContext } from "./service.ts";

/** The newest version that `go install` accepts: later ones have a replace line. Server 1.29.1. */
const VERSION = "1.5.1";

/** Settings of the server's dynamic configuration. */
export type Settings = Readonly<Record<string, number | boolean | string>>;

/**
 * With the server's defaults a step takes 100 ms, because a shard polls its queues 20 times a second, and a timer
 * may be a second late. Nothing here changes what the server does, only when.
 */
export const SETTINGS: Settings = {
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
  find: async () => findTemporal(),
  install: {
    command: ["go", "install", `github.com/temporalio/cli/cmd/temporal@v${VERSION}`],
    env: { CGO_ENABLED: "0" },
    cost: "5 minutes, 3.2 GB of Go's caches and 1.9 GB of memory; needs Go 1.25",
  },
  start,
};

/** The program, where it is installed in our version. */
export function findTemporal(): string | undefined {
  return candidates().find((path) => isVersion(path));
}

/** `HOLDFAST_TEMPORAL_BIN`, else where Go installs programs. */
function candidates(): readonly string[] {
  const given = process.env["HOLDFAST_TEMPORAL_BIN"];
  if (given !== undefined) return [given];
  return goPrograms("temporal");
}

function isVersion(path: string): boolean {
  if (!existsSync(path)) return false;
  return execFileSync(path, ["--version"], { encoding: "utf8" }).includes("Server 1.29.1");
}

interface Start extends ServiceContext {
  readonly port: number;
  readonly settings: Settings;
}

/** What starts it: on disk, each commit synchronised. */
export function commandOf(
  program: string,
  { port, folder, settings }: Start,
): readonly [string, ...string[]] {
  const dynamic = Object.entries(settings).map(([name, value]) => `${name}=${String(value)}`);
  const flags: readonly (readonly [string, string])[] = [
    ["--ip", "127.0.0.1"],
    ["--port", String(port)],
    ["--log-level", "error"],
    ["--namespace", "holdfast"],
    ["--db-filename", join(folder, "temporal.db")],
    ["--sqlite-pragma", "journal_mode=WAL"],
    ["--sqlite-pragma", "synchronous=FULL"],
    ...dynamic.map((setting) => ["--dynamic-config-value", setting] as const),
  ];
  return [program, "server", "start-dev", "--headless", ...flags.flat()];
}

async function start(program: string, { folder }: ServiceContext): Promise<Running> {
  const port = await freePort();
  const command = commandOf(program, { port, folder, settings: SETTINGS });
  const server = await resumable(() => startServer(command, port, folder));
  return {
    ...server,
    variables: { HOLDFAST_TEMPORAL: `127.0.0.1:${port}`, HOLDFAST_TEMPORAL_BIN: program },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
