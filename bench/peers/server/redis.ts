// Redis as Debian packages it, with an append-only file that is synced before the reply, or once a second.

import { execFileSync } from "node:child_process";
import { type Server, ServerMissing, freePort, launch } from "../server.ts";

async function start(folder: string, appendfsync: "always" | "everysec"): Promise<Server> {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
  } catch {
    throw new ServerMissing("Redis is not installed: apt-get install redis-server");
  }
  const port = String(await freePort());
  const settings = {
    bind: "127.0.0.1",
    port,
    dir: folder,
    // The log alone keeps the data: no snapshots beside it.
    save: "",
    appendonly: "yes",
    appendfsync,
    // BullMQ asks for it.
    "maxmemory-policy": "noeviction",
  };
  return launch({
    command: "redis-server",
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    folder,
    addresses: { redis: `127.0.0.1:${port}` },
    ready: (log) => log.includes("Ready to accept connections"),
  });
}

export const startAlways = (folder: string): Promise<Server> => start(folder, "always");
export const startEverySecond = (folder: string): Promise<Server> => start(folder, "everysec");
